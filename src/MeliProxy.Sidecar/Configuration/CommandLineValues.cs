namespace MeliProxy.Sidecar.Configuration;

/// <summary>The settings that options of the command line set; <see langword="null"/> or empty where an option is not given.</summary>
internal sealed record CommandLineValues
{
    /// <summary><c>--listen</c>, sets <c>listen</c>.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary><c>--upstream</c>, sets <c>upstream</c>.</summary>
    public IReadOnlyList<string> Upstream { get; init; } = [];

    /// <summary><c>--admin</c>, sets <c>admin.listen</c>.</summary>
    public string? Admin { get; init; }

    /// <summary><c>--nats</c>, sets <c>sharing.nats</c>.</summary>
    public string? Nats { get; init; }

    /// <summary><c>--influx</c>, sets <c>usage.influxdb.url</c>.</summary>
    public string? Influx { get; init; }
}
