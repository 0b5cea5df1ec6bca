using System.Text.Json;

namespace MeliProxy.Dashboards.Tests.InfluxDB;

/// <summary>A series of an answer.</summary>
internal sealed record Series(string Name, IReadOnlyDictionary<string, string>? Tags, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<JsonElement>> Values);
