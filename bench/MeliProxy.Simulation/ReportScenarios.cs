using System.Globalization;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>The scenarios of REPORT.md.</summary>
internal static class ReportScenarios
{
    private static readonly int[] Sizes = [200, 2_000, 20_000];

    private static readonly RateLimitRule Bucket = new()
    {
        Name = "shared",
        Key = ["key"],
        Limit = 1_000,
        Window = TimeSpan.FromSeconds(1),
        Scope = RuleScope.Shared,
    };

    public static IEnumerable<Scenario> All => Sizes.SelectMany(Of);

    private static IEnumerable<Scenario> Of(int nodes)
    {
        string size = nodes.ToString("N0", CultureInfo.InvariantCulture);
        Scenario even = new()
        {
            Name = $"{size} nodes, 1,000/s, even",
            Rule = Bucket,
            Nodes = nodes,
            Demand = 4_000,
            Loss = 0.01,
            Duration = TimeSpan.FromSeconds(nodes > 10_000 ? 8 : 12),
            MeasuredFrom = TimeSpan.FromSeconds(4),
        };
        Scenario skewed = even with { HotPart = 0.9, ShiftEvery = TimeSpan.FromSeconds(2) };
        long high = 10_000 + (nodes * 5L);
        string highText = high.ToString("N0", CultureInfo.InvariantCulture);
        Scenario many = even with { Rule = Bucket with { Limit = high }, Demand = 2 * high };
        yield return even;
        yield return even with { Name = $"{size} nodes, 1,000/s, even, burst of 5 per node", Rule = Bucket with { Burst = 5 * nodes } };
        yield return even with { Name = $"{size} nodes, 1,000/s, even, wait", Rule = Bucket with { ColdStart = ColdStartBehavior.Wait } };
        yield return skewed with { Name = $"{size} nodes, 1,000/s, 90 % at one node, shifting" };
        yield return many with { Name = $"{size} nodes, {highText}/s, even" };
        yield return many with { Name = $"{size} nodes, {highText}/s, 90 % at one node, shifting", HotPart = 0.9, ShiftEvery = TimeSpan.FromSeconds(2) };
        yield return even with
        {
            Name = $"{size} nodes, 1,000/s, even, owner killed at 5 s",
            Faults = [new Fault(FaultKind.Kill, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1))],
        };
    }
}
