using System.Globalization;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Simulation;

RateLimitRule bucket = new()
{
    Name = "shared",
    Key = ["key"],
    Limit = 1_000,
    Window = TimeSpan.FromSeconds(1),
    Scope = RuleScope.Shared,
    ColdStart = ColdStartBehavior.Wait,
};
RateLimitRule window = bucket with { Algorithm = RateLimitAlgorithm.FixedWindow, Limit = 10_000, Window = TimeSpan.FromSeconds(10) };
Scenario[] scenarios =
[
    new() { Name = "even 4x", Rule = bucket },
    new() { Name = "even 4x burst 100", Rule = bucket with { Burst = 100 } },
    new() { Name = "even 0.9x", Rule = bucket, Demand = 900 },
    new() { Name = "hot 4x", Rule = bucket, HotPart = 0.9 },
    new() { Name = "hot 0.9x shifting", Rule = bucket, Demand = 900, HotPart = 0.9, ShiftEvery = TimeSpan.FromSeconds(2) },
    new() { Name = "optimistic 4x", Rule = bucket with { ColdStart = ColdStartBehavior.Optimistic } },
    new() { Name = "1 % loss", Rule = bucket, Loss = 0.01, Doubled = 0.01 },
    new() { Name = "owner killed", Rule = bucket, Duration = TimeSpan.FromSeconds(20), Faults = [new(FaultKind.Kill, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(1))] },
    new() { Name = "window", Rule = window, Duration = TimeSpan.FromSeconds(30) },
    new() { Name = "window 0.9x", Rule = window, Demand = 900, Duration = TimeSpan.FromSeconds(30) },
    new() { Name = "window owner killed", Rule = window, Duration = TimeSpan.FromSeconds(40), Demand = 1500, Faults = [new(FaultKind.Kill, TimeSpan.FromSeconds(13), TimeSpan.FromSeconds(1))] },
    new() { Name = "sliding 1 s", Rule = bucket with { Algorithm = RateLimitAlgorithm.SlidingWindow } },
    new() { Name = "sliding 0.9x", Rule = bucket with { Algorithm = RateLimitAlgorithm.SlidingWindow }, Demand = 900 },
    new() { Name = "outage", Rule = bucket, Duration = TimeSpan.FromSeconds(20), Faults = [new(FaultKind.Outage, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(4))] },
    new() { Name = "200 nodes", Rule = bucket, Nodes = 200, Loss = 0.01 },
];
foreach (Scenario scenario in scenarios.Where(s => args.Length == 0 || s.Name.Contains(args[0], StringComparison.Ordinal)))
{
    long started = System.Diagnostics.Stopwatch.GetTimestamp();
    Outcome o = SimulationRun.Run(scenario);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{scenario.Name,-24} window {o.MaxWindowRatio,6:F3} burst {o.BurstRatio,6:F3} used {o.Utilization,6:F3} msg/node/s {o.MessagesPerNodeAndSecond,6:F1} rep/owner/s {o.ReportsPerOwnerAndSecond,7:F0} B/node/s {o.BytesPerNodeAndSecond,7:F0} took {System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds:F1}s"));
}
