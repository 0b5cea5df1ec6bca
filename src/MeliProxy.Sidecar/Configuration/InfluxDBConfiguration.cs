namespace MeliProxy.Sidecar.Configuration;

/// <summary>An InfluxDB server.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Database">The database that is written to.</param>
internal sealed record InfluxDBConfiguration(Uri Url, string Database);
