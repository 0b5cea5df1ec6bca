namespace MeliProxy.Sidecar.Configuration;

/// <summary>What is logged.</summary>
/// <param name="Level">The least level.</param>
/// <param name="Format">How.</param>
internal sealed record LoggingConfiguration(LogLevel Level, LogFormat Format);
