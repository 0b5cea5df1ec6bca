namespace MeliProxy.Dashboards.Tests.Chronograf;

/// <summary>What a variable can stand for; a key is what people choose it by.</summary>
internal sealed record VariableValue(string Value, string? Key, bool Selected);
