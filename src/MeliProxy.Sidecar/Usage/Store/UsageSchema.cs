using Microsoft.Data.Sqlite;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>The tables of the store.</summary>
/// <remarks>
/// A snapshot is added to the rows of its second, its minute and its hour in one transaction. So the sums of the coarse are those of the fine at
/// any moment, also after a crash, and no roll-up can be forgotten or done twice. <c>kept</c> says from when on each resolution is complete.
/// Moments are Unix seconds: the beginning of what the row is about.
/// </remarks>
internal static class UsageSchema
{
    /// <summary>"MPxU": tells the file from databases of other programs.</summary>
    public const int ApplicationId = 0x4D507855;

    public const int Version = 1;

    public static string Create { get; } = $"""
        CREATE TABLE name(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
        CREATE TABLE top_key(id INTEGER PRIMARY KEY, parts TEXT NOT NULL UNIQUE);
        CREATE TABLE kept(resolution TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID;
        {string.Concat(Resolution.All.Select(Tables))}
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = {Version};
        """;

    /// <summary>Whether a database is a store of this version.</summary>
    public static bool IsIn(SqliteConnection connection) =>
        connection.Number("PRAGMA application_id") == ApplicationId && connection.Number("PRAGMA user_version") == Version;

    /// <summary>The tables of a resolution. Who uses a rule most changes too slowly to be told by the second.</summary>
    public static IEnumerable<string> TablesOf(Resolution resolution) =>
        resolution == Resolution.Second ? ["rule_second", "route_second"] : [$"rule_{resolution.Name}", $"route_{resolution.Name}", $"top_{resolution.Name}"];

    private static string Tables(Resolution resolution) => $"""
        CREATE TABLE rule_{resolution.Name}(
          at INTEGER NOT NULL, node INTEGER NOT NULL, rule INTEGER NOT NULL, mode INTEGER NOT NULL,
          allowed INTEGER NOT NULL, limited INTEGER NOT NULL, shadow_limited INTEGER NOT NULL, delayed INTEGER NOT NULL,
          failed INTEGER NOT NULL, no_room INTEGER NOT NULL, fail_open INTEGER NOT NULL, cost INTEGER NOT NULL,
          used_share REAL NOT NULL, decision BLOB NOT NULL, PRIMARY KEY(at, node, rule)) WITHOUT ROWID;
        CREATE TABLE route_{resolution.Name}(
          at INTEGER NOT NULL, node INTEGER NOT NULL, route INTEGER NOT NULL, class INTEGER NOT NULL,
          count INTEGER NOT NULL, bytes_in INTEGER NOT NULL, bytes_out INTEGER NOT NULL,
          duration BLOB NOT NULL, upstream BLOB NOT NULL, PRIMARY KEY(at, node, route, class)) WITHOUT ROWID;
        INSERT INTO kept VALUES('{resolution.Name}', 0);
        {(resolution == Resolution.Second ? "" : $"""
        CREATE TABLE top_{resolution.Name}(
          at INTEGER NOT NULL, node INTEGER NOT NULL, rule INTEGER NOT NULL, key INTEGER NOT NULL,
          hits INTEGER NOT NULL, limited INTEGER NOT NULL, error INTEGER NOT NULL, PRIMARY KEY(at, node, rule, key)) WITHOUT ROWID;
        """)}

        """;
}
