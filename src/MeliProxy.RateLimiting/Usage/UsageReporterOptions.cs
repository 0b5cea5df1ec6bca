namespace MeliProxy.RateLimiting.Usage;

/// <summary>What a <see cref="UsageReporter"/> is made from.</summary>
public sealed record UsageReporterOptions
{
    /// <summary>What the process is called: <see cref="UsageSnapshot.Node"/>.</summary>
    public required string Node { get; init; }

    /// <summary>Those that get each snapshot, in this order. The reporter does not dispose of them.</summary>
    public required IReadOnlyList<IUsageSink> Sinks { get; init; }

    /// <summary>What <see cref="UsageSnapshot.Routes"/> is made from. <see langword="null"/>, the default: there are no routes.</summary>
    public TrafficRecorder? Traffic { get; init; }

    /// <summary>
    /// Fills in what the host knows of the process and the limiter does not, such as <see cref="NodeUsage.RulesRevision"/>.
    /// <see langword="null"/>, the default: nothing.
    /// </summary>
    public Func<NodeUsage, NodeUsage>? Complete { get; init; }

    /// <summary>
    /// Told what failed, the <see cref="IUsageSink.Name"/> of a sink or <c>usage</c>, and how: once, and again only after it has worked
    /// meanwhile. Called by the thread that reports; what it throws is ignored. <see langword="null"/>, the default: nobody is told.
    /// </summary>
    public Action<string, Exception>? OnError { get; init; }

    /// <summary>The time between snapshots, in whole seconds. Default: 1 s. They are taken when a multiple of it begins.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time between snapshots with <see cref="UsageSnapshot.TopKeys"/>, in whole seconds. Default: 10 s.</summary>
    public TimeSpan TopKeysInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock. Default: <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
