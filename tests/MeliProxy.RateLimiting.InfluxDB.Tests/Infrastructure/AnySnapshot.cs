using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;

/// <summary>AnySnapshot, one a second.</summary>
internal static class AnySnapshot
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    /// <summary>A snapshot with a point for the process and one for each rule.</summary>
    public static UsageSnapshot At(int second, string node = "n1", int rules = 0) => new()
    {
        Node = node,
        From = Start.AddSeconds(second - 1),
        To = Start.AddSeconds(second),
        Rules = [.. Enumerable.Range(0, rules).Select(i => new RuleUsage { Rule = $"rule-{i}", Allowed = second })],
        State = new NodeUsage { ActiveKeys = second },
    };

    /// <summary>A snapshot with keys of a rule.</summary>
    public static UsageSnapshot WithKeys(int second, params string[][] keys) =>
        At(second) with { TopKeys = [.. keys.Select((key, i) => new TopKey("per-key", key, 100 - i, i, 0))] };
}
