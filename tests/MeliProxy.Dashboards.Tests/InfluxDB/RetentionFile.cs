using System.Text.RegularExpressions;
using MeliProxy.Dashboards.Tests.Chronograf;

namespace MeliProxy.Dashboards.Tests.InfluxDB;

/// <summary>The statements of <c>retention.iql</c>.</summary>
internal static partial class RetentionFile
{
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

    private static bool IsContinuous(string statement) => statement.StartsWith("CREATE CONTINUOUS QUERY", StringComparison.Ordinal);

    [GeneratedRegex(" BEGIN (SELECT .*) (GROUP BY .*) END;$")]
    private static partial Regex Body();
}
