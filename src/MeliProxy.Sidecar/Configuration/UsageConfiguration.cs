using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>What is recorded of usage, and where it goes.</summary>
/// <param name="Record">Whether anything is recorded beyond the counts of rules.</param>
/// <param name="Store">The embedded store; <see langword="null"/>: there is none.</param>
/// <param name="InfluxDB">The InfluxDB they are written to, if any.</param>
internal sealed record UsageConfiguration(bool Record, UsageStoreOptions? Store, InfluxDBConfiguration? InfluxDB);
