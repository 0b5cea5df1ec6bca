namespace MeliProxy.Dashboards.Tests.Chronograf;

/// <summary>Where the values of a variable come from.</summary>
internal sealed record VariableQuery(string Influxql, string Db, string Measurement, string TagKey)
{
    /// <summary>The query as Chronograf sends it.</summary>
    public string Text => Influxql
        .Replace(":database:", $"\"{Db}\"", StringComparison.Ordinal)
        .Replace(":measurement:", $"\"{Measurement}\"", StringComparison.Ordinal)
        .Replace(":tagKey:", $"\"{TagKey}\"", StringComparison.Ordinal);
}
