using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Counts outcomes, in a row for each rule, without making threads wait for each other: each has cells of its own.</summary>
/// <remarks>
/// Only its thread writes to a cell, so counting is a plain addition. Readers add up all threads' cells, and see what was counted before by
/// their own thread and, soon, what others counted. The cells of a thread that has ended are given to the next one that begins.
/// </remarks>
internal sealed class OutcomeCounts : IDisposable
{
    private const int Outcomes = 8;

    [ThreadStatic]
    private static Cells? t_latest;

    private readonly ThreadLocal<Cells> _mine;
    private readonly Lock _lock = new();
    private readonly List<long[][]> _all = [];
    private readonly Stack<long[][]> _free = [];
    private readonly Dictionary<string, int> _rows = new(StringComparer.Ordinal);

    public OutcomeCounts() => _mine = new ThreadLocal<Cells>(() => new Cells(this));

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int row, RuleOutcome outcome)
    {
        Cells? cells = t_latest;
        if (cells?.Owner != this)
        {
            cells = t_latest = _mine.Value!;
        }

        long[] counts = cells.Rows[0];
        int index = (row * Outcomes) + (int)outcome;
        if ((uint)index < (uint)counts.Length)
        {
            counts[index]++;
        }
        else
        {
            Widen(cells.Rows, index)[index]++;
        }
    }

    public long Sum(int row, RuleOutcome outcome)
    {
        long sum = 0;
        int index = (row * Outcomes) + (int)outcome;
        lock (_lock)
        {
            foreach (long[][] rows in _all)
            {
                long[] counts = Volatile.Read(ref rows[0]);
                sum += index < counts.Length ? Volatile.Read(ref counts[index]) : 0;
            }
        }

        return sum;
    }

    public void Dispose() => _mine.Dispose();

    private static long[] Widen(long[][] rows, int index)
    {
        long[] counts = rows[0];
        Array.Resize(ref counts, Math.Max(counts.Length * 2, index + Outcomes));
        Volatile.Write(ref rows[0], counts);
        return counts;
    }

    private long[][] Take()
    {
        lock (_lock)
        {
            if (_free.TryPop(out long[][]? rows))
            {
                return rows;
            }

            rows = [new long[Outcomes * 8]];
            _all.Add(rows);
            return rows;
        }
    }

    private void GiveBack(long[][] rows)
    {
        lock (_lock)
        {
            _free.Push(rows);
        }
    }

    /// <summary>What a thread holds of the counts; finalized when the thread has ended.</summary>
    private sealed class Cells
    {
        public Cells(OutcomeCounts owner)
        {
            Owner = owner;
            Rows = owner.Take();
        }

        ~Cells() => Owner.GiveBack(Rows);

        public OutcomeCounts Owner { get; }

        /// <summary>A box for the array, which is replaced by a longer one when rules are added.</summary>
        public long[][] Rows { get; }
    }
}
