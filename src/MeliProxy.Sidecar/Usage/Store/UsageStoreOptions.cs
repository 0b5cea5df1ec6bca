namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>Where usage is stored, for how long, and in how much room.</summary>
internal sealed record UsageStoreOptions
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>How long seconds are told apart.</summary>
    public TimeSpan Seconds { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long minutes are told apart.</summary>
    public TimeSpan Minutes { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long hours are told apart, after which nothing is left.</summary>
    public TimeSpan Hours { get; init; } = TimeSpan.FromDays(400);

    /// <summary>How large the file may become, in bytes.</summary>
    public long MaxSize { get; init; } = 256L << 20;

    public TimeSpan For(Resolution resolution) =>
        resolution == Resolution.Second ? Seconds : resolution == Resolution.Minute ? Minutes : Hours;
}
