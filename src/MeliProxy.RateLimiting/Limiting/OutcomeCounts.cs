using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Counts outcomes, in a row for each rule, without making threads wait for each other: each has cells of its own.</summary>
/// <remarks>
/// Only its thread writes to a cell, so counting is a plain addition. Readers add up all threads' cells, and see what was counted before by
/// their own thread and, soon, what others counted. The cells of a thread that has ended are given to the next one that begins.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Decisions, and so counting, go on after the limiter was disposed of.")]
internal sealed class OutcomeCounts
{
    public const int Outcomes = 8;

    [ThreadStatic]
    private static OutcomeCells? t_latest;

    private readonly ThreadLocal<OutcomeCells> _mine;
    private readonly Lock _lock = new();
    private readonly List<OutcomeRows> _all = [];
    private readonly Stack<OutcomeRows> _free = [];
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);

    /// <summary>What the cells that belong here are told by.</summary>
    public object Identity { get; } = new();

    public OutcomeCounts() => _mine = new ThreadLocal<OutcomeCells>(() => new OutcomeCells(this));

    /// <summary>The row of decisions as a whole.</summary>
    public const int DecisionRow = 0;

    /// <summary>The row of a rule, the same for every rule of that name.</summary>
    public int RowOf(string rule)
    {
        lock (_lock)
        {
            if (!_rows.TryGetValue(rule, out int row))
            {
                row = _rows.Count + 1;
                _rows.Add(rule, row);
            }

            return row;
        }
    }

    /// <summary>The cells of the calling thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public OutcomeCells Mine()
    {
        OutcomeCells? cells = t_latest;
        return cells is not null && cells.Identity == Identity ? cells : FindMine();
    }

    public void Add(int row, RuleOutcome outcome) => Mine().Add(row, outcome);

    public long Sum(int row, RuleOutcome outcome)
    {
        long sum = 0;
        int index = (row * Outcomes) + (int)outcome;
        lock (_lock)
        {
            foreach (OutcomeRows rows in _all)
            {
                sum += rows.Read(index);
            }
        }

        return sum;
    }

    /// <summary>The names of all rules that have a row, also of those that are not in force any more, in the order of their rows.</summary>
    public string[] Names()
    {
        lock (_lock)
        {
            return [.. _rows.OrderBy(pair => pair.Value).Select(pair => pair.Key)];
        }
    }

    /// <summary>How long the decisions took that were timed and in which a rule had a say.</summary>
    public LatencyHistogram Times(int row)
    {
        LatencySum sum = new();
        lock (_lock)
        {
            foreach (OutcomeRows rows in _all)
            {
                rows.Times(row)?.AddTo(sum);
            }
        }

        return sum.ToHistogram();
    }

    public OutcomeRows Take()
    {
        lock (_lock)
        {
            if (_free.TryPop(out OutcomeRows? rows))
            {
                return rows;
            }

            rows = new OutcomeRows(_all.Count);
            _all.Add(rows);
            return rows;
        }
    }

    public void GiveBack(OutcomeRows rows)
    {
        lock (_lock)
        {
            _free.Push(rows);
        }
    }

    private OutcomeCells FindMine() => t_latest = _mine.Value!;
}
