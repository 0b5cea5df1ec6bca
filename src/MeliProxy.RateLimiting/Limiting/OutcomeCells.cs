using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>What a thread holds of <see cref="OutcomeCounts"/>. Finalized when the thread has ended, so that another can take over its rows.</summary>
internal sealed class OutcomeCells
{
    private readonly OutcomeRows _rows;

    public OutcomeCells(OutcomeCounts owner)
    {
        Owner = owner;
        _rows = owner.Take();
    }

    ~OutcomeCells() => Owner.GiveBack(_rows);

    public OutcomeCounts Owner { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int row, RuleOutcome outcome) => _rows.Add((row * OutcomeCounts.Outcomes) + (int)outcome);
}
