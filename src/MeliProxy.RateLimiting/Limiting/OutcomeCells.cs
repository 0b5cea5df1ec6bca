using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>What a thread holds of <see cref="OutcomeCounts"/>. Finalized when the thread has ended, so that another can take over its rows.</summary>
internal sealed class OutcomeCells
{
    private readonly OutcomeRows _rows;

    private readonly WeakReference<OutcomeCounts> _owner;

    public OutcomeCells(OutcomeCounts owner)
    {
        _owner = new WeakReference<OutcomeCounts>(owner);
        Identity = owner.Identity;
        _rows = owner.Take();
        Sampling = new DecisionSampling(_rows.Number);
    }

    ~OutcomeCells()
    {
        if (_owner.TryGetTarget(out OutcomeCounts? owner))
        {
            owner.GiveBack(_rows);
        }
    }

    /// <summary>Which of the thread's decisions are counted by their keys.</summary>
    public DecisionSampling Sampling { get; }

    /// <summary>Stands for the owner, which threads must not keep alive.</summary>
    public object Identity { get; }

    /// <summary>Whether the thread's next decision is one of those that are timed.</summary>
    public bool TimesNext { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int row, RuleOutcome outcome, long amount = 1) => _rows.Add((row * OutcomeCounts.Outcomes) + (int)outcome, amount);

    /// <summary>Adds what a decision took to a rule that had a say in it.</summary>
    public void AddTime(int row, long nanoseconds) => _rows.AddTime(row, nanoseconds);
}
