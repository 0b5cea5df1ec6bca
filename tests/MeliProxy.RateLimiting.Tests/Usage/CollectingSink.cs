using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Tests.Usage;

/// <summary>A sink that keeps all it is handed, after it has done what the test says.</summary>
internal sealed class CollectingSink(string name = "collected", Action<UsageSnapshot>? onTake = null) : IUsageSink
{
    public string Name => name;

    public SinkStatus Status => new(name, 1, 2, null);

    public List<UsageSnapshot> Snapshots { get; } = [];

    public UsageSnapshot Last => Snapshots[^1];

    public void Take(UsageSnapshot snapshot)
    {
        onTake?.Invoke(snapshot);
        Snapshots.Add(snapshot);
    }

    public long Sum(string rule, Func<RuleUsage, long> figure) =>
        Snapshots.SelectMany(snapshot => snapshot.Rules).Where(usage => usage.Rule == rule).Sum(figure);
}
