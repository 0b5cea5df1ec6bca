namespace MeliProxy.Sidecar.Configuration;

/// <summary>What is recorded of usage, and where it goes.</summary>
/// <param name="Record">Whether anything is recorded beyond the counts of rules.</param>
/// <param name="Store">The file of the embedded store; <see langword="null"/>: there is none.</param>
/// <param name="InfluxDB">The InfluxDB they are written to, if any.</param>
internal sealed record UsageConfiguration(bool Record, string? Store, InfluxDBConfiguration? InfluxDB);
