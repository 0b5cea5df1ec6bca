using System.Text.Json;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Server;

/// <summary>A point as a server gives it back; fields are what its JSON says.</summary>
internal sealed record StoredPoint(
    string Measurement, long Nanoseconds, IReadOnlyDictionary<string, string> Tags, IReadOnlyDictionary<string, JsonElement> Fields);
