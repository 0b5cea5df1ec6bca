using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using MeliProxy.Sidecar.Usage.History;
using MeliProxy.Sidecar.Usage.Store;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.Tests.Usage.Store;

/// <summary>A store in a folder of its own, at a clock that the test sets.</summary>
internal sealed class StoreUnderTest : IAsyncDisposable
{
    private readonly ILoggerFactory _loggers;

    public StoreUnderTest(string path, FakeTimeProvider time, Func<UsageStoreOptions, UsageStoreOptions>? change = null)
    {
        Time = time;
        _loggers = LoggerFactory.Create(builder => builder.AddProvider(Log));
        UsageStoreOptions options = new() { Path = path };
        Store = UsageStore.Start(change?.Invoke(options) ?? options, time, _loggers);
    }

    public static DateTimeOffset Start { get; } = new(2026, 11, 28, 8, 0, 0, TimeSpan.Zero);

    public CollectedLog Log { get; } = new();

    public FakeTimeProvider Time { get; }

    public UsageStore Store { get; }

    /// <summary>What one rule did in the second that ends at a moment.</summary>
    public static UsageSnapshot Snapshot(DateTimeOffset to, long allowed = 1, string rule = "r", string node = "n") => new()
    {
        Node = node,
        From = to.AddSeconds(-1),
        To = to,
        Rules = [new RuleUsage { Rule = rule, Allowed = allowed, Limited = 2 * allowed, UsedShare = 0.5 }],
        State = new NodeUsage(),
    };

    /// <summary>Waits until what was taken is in the file.</summary>
    public Task WrittenAsync() => Eventually.TrueAsync(() => Store.IsOpen && Store.Status is { Queued: 0 });

    /// <summary>The sum of a count of all rules.</summary>
    public long Sum(HistoryRange range, int count = 0) => Store.Reader.ReadRules(range, null).Items.Sum(rule => rule.Points.Values.Sum(point => point.Counts[count]));

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _loggers.Dispose();
    }
}
