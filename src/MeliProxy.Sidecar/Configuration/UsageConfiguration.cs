using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>Where usage statistics go.</summary>
/// <param name="Store">The embedded store; <see langword="null"/>: there is none.</param>
/// <param name="InfluxDB">The InfluxDB they are written to, if any.</param>
internal sealed record UsageConfiguration(UsageStoreOptions? Store, InfluxDBConfiguration? InfluxDB);
