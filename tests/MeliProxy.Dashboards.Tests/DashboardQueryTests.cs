using MeliProxy.Dashboards.Tests.Chronograf;
using MeliProxy.Dashboards.Tests.InfluxDB;

namespace MeliProxy.Dashboards.Tests;

/// <summary>Every query of every cell, over points whose sums are known, for a quarter of an hour, a day and a month.</summary>
public sealed class DashboardQueryTests(FilledServer filled) : IClassFixture<FilledServer>
{
    private static readonly (TimeSpan Range, string Step)[] Views =
    [
        (TimeSpan.FromMinutes(15), "by second (7 days)"),
        (TimeSpan.FromMinutes(15), "by minute (90 days)"),
        (TimeSpan.FromHours(24), "by minute (90 days)"),
        (TimeSpan.FromDays(30), "by hour (a year)"),
    ];

    [Fact]
    public async Task Each_has_rows_and_no_more_than_can_be_seen()
    {
        InfluxServer server = await filled.StartedAsync();
        foreach (string name in Dashboard.Names)
        {
            var dashboard = Dashboard.Read(name);
            foreach ((TimeSpan range, string step) in Views)
            {
                QueryRendering rendering = Choosing(dashboard, step);
                foreach ((DashboardCell cell, CellQuery query) in QueriesOf(dashboard))
                {
                    IReadOnlyList<Series> series = await server.QueryAsync(rendering.Render(query.Query, range));

                    Assert.True(series.Count > 0, $"{name}, {cell.I}, {range}, {step}: {rendering.Render(query.Query, range)}");
                    Assert.All(series, one => Assert.InRange(one.Values.Count, 1, 362));
                }
            }
        }
    }

    [Fact]
    public async Task Rates_are_the_same_at_every_step_without_ripples()
    {
        InfluxServer server = await filled.StartedAsync();
        QueryRendering all = Choosing(Dashboard.Read("rule"), "by second (7 days)", rules: "all rules", nodes: "all nodes");
        foreach ((TimeSpan range, string step) in Views)
        {
            QueryRendering overview = Choosing(Dashboard.Read("overview"), step);
            Assert.Equal(GeneratedPoints.Nodes * GeneratedPoints.Answers, await HighestAsync(overview, "overview", "requests", 0));
            Assert.Equal(GeneratedPoints.Nodes * GeneratedPoints.Allowed, await HighestAsync(overview, "overview", "allowed-limited", 0));
            Assert.Equal(GeneratedPoints.Nodes * GeneratedPoints.Limited, await HighestAsync(overview, "overview", "allowed-limited", 1));
            Assert.Equal(2 * (GeneratedPoints.Allowed + GeneratedPoints.Limited), await HighestAsync(overview, "overview", "nodes", 0));

            async Task<double> HighestAsync(QueryRendering rendering, string dashboard, string cell, int query)
            {
                IReadOnlyList<Series> series = await server.QueryAsync(rendering.Render(Query(dashboard, cell, query), range));
                return series.SelectMany(one => one.Values).Max(row => row[1].GetDouble());
            }
        }

        IReadOnlyList<Series> seconds = await server.QueryAsync(all.Render(Query("rule", "judged", 0), TimeSpan.FromMinutes(15)));
        // The first is of less than the others, as the time shown begins in the middle of a second.
        Assert.All(
            Assert.Single(seconds).Values.Skip(1),
            row => Assert.Equal(2 * GeneratedPoints.Nodes * (GeneratedPoints.Allowed + GeneratedPoints.Limited), row[1].GetDouble()));
    }

    [Fact]
    public async Task A_share_is_that_of_the_time_shown()
    {
        InfluxServer server = await filled.StartedAsync();
        QueryRendering rendering = Choosing(Dashboard.Read("overview"), "by minute (90 days)");

        Series share = Assert.Single(await server.QueryAsync(rendering.Render(Query("overview", "limited-share", 0), TimeSpan.FromHours(24))));

        Assert.Equal(["time", "limited"], share.Columns);
        Assert.Equal(25, Assert.Single(share.Values)[1].GetDouble());
    }

    [Fact]
    public async Task One_rule_and_one_node_can_be_chosen_or_all_of_them()
    {
        InfluxServer server = await filled.StartedAsync();
        var dashboard = Dashboard.Read("rule");
        const int OfOneRuleAndNode = GeneratedPoints.Allowed + GeneratedPoints.Limited;

        Assert.Equal(["per-ip", "per-path"], await ValuesAsync(":rule:"));
        Assert.Equal(["node-0", "node-1"], await ValuesAsync(":node:"));
        Assert.Equal(OfOneRuleAndNode, await JudgedAsync("the rule chosen", "the node chosen"));
        Assert.Equal(2 * OfOneRuleAndNode, await JudgedAsync("the rule chosen", "all nodes"));
        Assert.Equal(2 * OfOneRuleAndNode, await JudgedAsync("all rules", "the node chosen"));
        Assert.Equal(4 * OfOneRuleAndNode, await JudgedAsync("all rules", "all nodes"));

        async Task<IEnumerable<string>> ValuesAsync(string variable)
        {
            VariableQuery query = dashboard.Templates.Single(one => one.TempVar == variable).Query!;
            return Assert.Single(await server.QueryAsync(query.Text)).Values.Select(row => row[1].GetString()!);
        }

        async Task<double> JudgedAsync(string rules, string nodes)
        {
            QueryRendering rendering = Choosing(dashboard, "by second (7 days)", rules, nodes);
            IReadOnlyList<Series> series = await server.QueryAsync(rendering.Render(Query("rule", "judged", 0), TimeSpan.FromMinutes(15)));
            return Assert.Single(series).Values[^1][1].GetDouble();
        }
    }

    [Fact]
    public async Task Columns_of_a_table_are_those_that_its_settings_name()
    {
        InfluxServer server = await filled.StartedAsync();
        QueryRendering rendering = Choosing(Dashboard.Read("overview"), "by second (7 days)");

        Series keys = Assert.Single(await server.QueryAsync(rendering.Render(Query("overview", "top-keys", 0), TimeSpan.FromMinutes(15))));

        Assert.Equal("ratelimit_top", keys.Name);
        Assert.Equal(["time", "rule", "key", "node", "hits", "limited"], keys.Columns);
        Assert.Equal(2 * GeneratedPoints.Nodes, keys.Values.Count);
        Assert.All(keys.Values, row => Assert.Equal("203.0.113.7", row[2].GetString()));
        Assert.All(
            keys.Columns.Skip(1),
            column => Assert.Contains($"\"ratelimit_top.{column}\"", Dashboard.ReadText("overview"), StringComparison.Ordinal));
    }

    private static QueryRendering Choosing(
        Dashboard dashboard, string step, string rules = "the rule chosen", string nodes = "all nodes") =>
        new(dashboard, new Dictionary<string, string>
        {
            [":step:"] = step,
            [":rules:"] = rules,
            [":rule:"] = "per-ip",
            [":nodes:"] = nodes,
            [":node:"] = "node-1",
        });

    private static string Query(string dashboard, string cell, int query) =>
        Dashboard.Read(dashboard).Cells.Single(one => one.I == cell).Queries[query].Query;

    private static IEnumerable<(DashboardCell Cell, CellQuery Query)> QueriesOf(Dashboard dashboard) =>
        dashboard.Cells.SelectMany(cell => cell.Queries.Select(query => (cell, query)));
}
