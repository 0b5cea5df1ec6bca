using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration;

/// <content>What a change of configuration comes to.</content>
internal sealed partial record SidecarConfiguration
{
    /// <summary>Whether requests are forwarded the same way under another configuration.</summary>
    public bool ForwardsLike(SidecarConfiguration other) =>
        Upstream.SequenceEqual(other.Upstream) && Forwarding == other.Forwarding && SamePairs(ReverseProxy, other.ReverseProxy);

    /// <summary>The settings that differ from another configuration's and are read only at the start.</summary>
    public IEnumerable<string> SettingsThatNeedRestart(SidecarConfiguration other)
    {
        if (!Listen.SequenceEqual(other.Listen))
        {
            yield return "listen";
        }

        if (Tls != other.Tls)
        {
            yield return "tls";
        }

        if (Admin != other.Admin)
        {
            yield return "admin";
        }

        if (Limits != other.Limits)
        {
            yield return "limits";
        }

        if (Sharing != other.Sharing)
        {
            yield return "sharing";
        }

        if (RulesFile != other.RulesFile)
        {
            yield return "rulesFile";
        }

        if (State != other.State)
        {
            yield return "state";
        }

        if (Telemetry != other.Telemetry)
        {
            yield return "telemetry";
        }

        if (Usage != other.Usage)
        {
            yield return "usage";
        }

        if (Logging.Format != other.Logging.Format)
        {
            yield return "logging.format";
        }
    }

    /// <summary>Where requests are forwarded to, for people.</summary>
    public string DescribeUpstream() => ReverseProxy is { } section
        ? $"the clusters {string.Join(", ", section.Keys.Select(ClusterOf).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase))}"
        : string.Join(", ", Upstream.Select(url => url.AbsoluteUri.TrimEnd('/')));

    /// <summary>How many rules and overrides there are, and whether none is enforced, for people.</summary>
    public string DescribeRules() => Describe(RuleSet);

    /// <summary>How many rules and overrides there are in a set, and whether none is enforced, for people.</summary>
    public static string Describe(RuleSet rules)
    {
        string overrides = rules.Overrides.Count == 0 ? "" : $", overrides: {rules.Overrides.Count}";
        return $"rules: {rules.Count}{overrides}{(rules.Mode == RuleMode.Shadow ? ", all in shadow mode" : "")}";
    }

    private static string? ClusterOf(string key) =>
        key.Split(':') is [var section, var cluster, ..] && section.Equals("Clusters", StringComparison.OrdinalIgnoreCase) ? cluster : null;

    private static bool SamePairs(IReadOnlyDictionary<string, string?>? x, IReadOnlyDictionary<string, string?>? y) =>
        x is null || y is null
            ? x is null && y is null
            : x.Count == y.Count && x.All(pair => y.TryGetValue(pair.Key, out string? value) && value == pair.Value);
}
