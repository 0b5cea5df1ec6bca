using System.Text.RegularExpressions;
using MeliProxy.Dashboards.Tests.Chronograf;

namespace MeliProxy.Dashboards.Tests.InfluxDB;

/// <summary>The statements of <c>retention.iql</c>.</summary>
internal static partial class RetentionFile
{
    /// <summary>What is kept for longer than seconds are.</summary>
    public static IReadOnlyList<string> Measurements { get; } = ["ratelimit_rule", "proxy_http", "proxy_node"];

    public static IReadOnlyList<string> Lines { get; } = File.ReadAllLines(SampleFolder.Retention);

    public static IReadOnlyList<string> Statements { get; } = [.. Lines.Where(line => !line.StartsWith("--", StringComparison.Ordinal))];

    public static IEnumerable<string> ContinuousQueries => Statements.Where(IsContinuous);

    /// <summary>Makes the database and the retention policies.</summary>
    public static async Task CreateDatabaseAsync(InfluxServer server)
    {
        foreach (string statement in Statements.Where(statement => !IsContinuous(statement)))
        {
            await server.QueryAsync(statement);
        }
    }

    /// <summary>Does at once, over all of the time, what the continuous queries do while time goes on.</summary>
    public static async Task RollUpAsync(InfluxServer server)
    {
        foreach (string statement in ContinuousQueries)
        {
            Match query = Body().Match(statement);
            await server.QueryAsync($"{query.Groups[1].Value} WHERE time <= now() {query.Groups[2].Value}");
        }
    }

    /// <summary>What a field of minutes or hours is made of: its name says so, and a sum has the name of what is summed.</summary>
    public static (string Function, string Field) Origin(string field)
    {
        string ending = field[(field.LastIndexOf('_') + 1)..];
        return ending is "max" or "min" or "mean" ? (ending, field[..^(ending.Length + 1)]) : ("sum", field);
    }

    /// <summary>Asserts that, after a roll-up, there is no field of seconds that minutes or hours lack.</summary>
    public static async Task KeepsEveryFieldAsync(InfluxServer server, string measurement)
    {
        string[] minutes = await server.FieldsAsync(measurement, "60s");
        Assert.Equal(
            await server.FieldsAsync(measurement, "1s"), minutes.Select(field => Origin(field).Field).Order(StringComparer.Ordinal));
        Assert.Equal(minutes, await server.FieldsAsync(measurement, "3600s"));
    }

    private static bool IsContinuous(string statement) => statement.StartsWith("CREATE CONTINUOUS QUERY", StringComparison.Ordinal);

    [GeneratedRegex(" BEGIN (SELECT .*) (GROUP BY .*) END;$")]
    private static partial Regex Body();
}
