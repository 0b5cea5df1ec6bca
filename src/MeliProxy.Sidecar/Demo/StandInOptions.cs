namespace MeliProxy.Sidecar.Demo;

/// <summary>Settings of the <see cref="StandInApi"/>.</summary>
internal sealed class StandInOptions
{
    /// <summary>How long each answer is held back; zero by default.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.Zero;

    /// <summary>The clock that <see cref="Latency"/> is measured by; the system's by default.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
