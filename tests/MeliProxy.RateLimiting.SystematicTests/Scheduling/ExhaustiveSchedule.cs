namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>
/// Goes through all schedules, depth first, that interrupt strands at most a number of times (Musuvathi and Qadeer, "Iterative context
/// bounding for systematic testing of multithreaded programs", 2007). Switching from a strand that has ended or spins is not interrupting.
/// </summary>
internal sealed class ExhaustiveSchedule : Schedule
{
    private readonly int _interruptions;
    private readonly List<(int[] Options, int Taken)> _path = [];
    private int _depth;
    private int _left;

    public ExhaustiveSchedule(int interruptions) => _left = _interruptions = interruptions;

    public override int Choose(int step, int current, IReadOnlyList<int> ready, bool isPoint)
    {
        if (current >= 0 && (!isPoint || _left == 0))
        {
            return current;
        }

        if (_depth == _path.Count)
        {
            _path.Add((current < 0 ? [.. ready] : [current, .. ready.Where(r => r != current)], 0));
        }

        (int[] options, int taken) = _path[_depth++];
        int chosen = options[taken];
        _left -= current >= 0 && chosen != current ? 1 : 0;
        return chosen;
    }

    /// <summary>Goes to the next schedule; false if there is none.</summary>
    public bool Next()
    {
        Rewind();
        while (_path.Count > 0)
        {
            (int[] options, int taken) = _path[^1];
            if (taken + 1 < options.Length)
            {
                _path[^1] = (options, taken + 1);
                return true;
            }

            _path.RemoveAt(_path.Count - 1);
        }

        return false;
    }

    public void Restart()
    {
        _path.Clear();
        Rewind();
    }

    private void Rewind()
    {
        _depth = 0;
        _left = _interruptions;
    }
}
