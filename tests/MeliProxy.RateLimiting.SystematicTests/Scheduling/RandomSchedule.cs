namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>
/// Strands have random priorities, and at a few random points the one that runs gets the lowest (Burckhardt and others, "A randomized
/// scheduler with probabilistic guarantees of finding bugs", 2010).
/// </summary>
internal sealed class RandomSchedule : Schedule
{
    private readonly int[] _priorities;
    private readonly HashSet<int> _changes = [];
    private int _points;
    private int _lowest;

    /// <param name="seed">The same seed gives the same schedule.</param>
    /// <param name="strands">How many strands there are.</param>
    /// <param name="points">About how many points there are.</param>
    /// <param name="changes">How many changes of priority to make.</param>
    public RandomSchedule(int seed, int strands, int points, int changes)
    {
        Random random = new(seed);
        _priorities = [.. Enumerable.Range(1, strands)];
        random.Shuffle(_priorities);
        for (int i = 0; i < changes; i++)
        {
            _changes.Add(random.Next(points));
        }
    }

    public override int Choose(int step, int current, IReadOnlyList<int> ready, bool isPoint)
    {
        if (current >= 0 && isPoint && _changes.Contains(_points++))
        {
            _priorities[current] = --_lowest;
        }

        return current >= 0 && !isPoint ? current : ready.MaxBy(r => _priorities[r]);
    }
}
