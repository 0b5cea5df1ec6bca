using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>Makes of figures that only grow what came to them since they were read last.</summary>
internal sealed class UsageTotals
{
    private readonly Dictionary<string, RuleUsage> _rules = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Route, int StatusClass), RouteUsage> _routes = [];
    private long _evictedKeys;

    /// <summary>What rules did since the last call; those that did nothing are left out.</summary>
    /// <param name="totals">What each rule did since the start.</param>
    /// <param name="inForce">The rules in force. Others keep the mode that they had last.</param>
    public IReadOnlyList<RuleUsage> Rules(IReadOnlyList<RuleUsage> totals, RuleSet inForce)
    {
        HashSet<string> names = new(inForce.Select(rule => rule.Name), StringComparer.Ordinal);
        List<RuleUsage> deltas = [];
        foreach (RuleUsage read in totals)
        {
            RuleUsage before = _rules.GetValueOrDefault(read.Rule) ?? new RuleUsage { Rule = read.Rule };
            RuleUsage total = names.Contains(read.Rule) ? read : read with { Mode = before.Mode };
            RuleUsage delta = total with
            {
                Allowed = total.Allowed - before.Allowed,
                Limited = total.Limited - before.Limited,
                ShadowLimited = total.ShadowLimited - before.ShadowLimited,
                Delayed = total.Delayed - before.Delayed,
                Failed = total.Failed - before.Failed,
                NoRoom = total.NoRoom - before.NoRoom,
                FailOpen = total.FailOpen - before.FailOpen,
                Cost = total.Cost - before.Cost,
                DecisionTime = total.DecisionTime.Since(before.DecisionTime),
            };
            _rules[total.Rule] = total with { DecisionTime = Kept(total.DecisionTime, before.DecisionTime, delta.DecisionTime) };
            if (delta is not { Total: 0, Delayed: 0, Failed: 0, NoRoom: 0, FailOpen: 0, Cost: 0, DecisionTime.Count: 0 })
            {
                deltas.Add(delta);
            }
        }

        return deltas;
    }

    /// <summary>What passed over routes since the last call.</summary>
    /// <param name="totals">What passed since the start.</param>
    public IReadOnlyList<RouteUsage> Routes(IReadOnlyList<RouteUsage> totals)
    {
        List<RouteUsage> deltas = [];
        foreach (RouteUsage total in totals)
        {
            RouteUsage before = _routes.GetValueOrDefault((total.Route, total.StatusClass))
                ?? new RouteUsage { Route = total.Route, StatusClass = total.StatusClass };
            RouteUsage delta = total with
            {
                Count = total.Count - before.Count,
                BytesIn = total.BytesIn - before.BytesIn,
                BytesOut = total.BytesOut - before.BytesOut,
                Duration = total.Duration.Since(before.Duration),
                UpstreamTime = total.UpstreamTime.Since(before.UpstreamTime),
            };
            _routes[(total.Route, total.StatusClass)] = total with
            {
                Duration = Kept(total.Duration, before.Duration, delta.Duration),
                UpstreamTime = Kept(total.UpstreamTime, before.UpstreamTime, delta.UpstreamTime),
            };
            if (delta is not { Count: 0, BytesIn: 0, BytesOut: 0, UpstreamTime.Count: 0 })
            {
                deltas.Add(delta);
            }
        }

        return deltas;
    }

    /// <summary>Keys evicted since the last call.</summary>
    /// <param name="total">Those evicted since the start.</param>
    public long EvictedKeys(long total)
    {
        long delta = total - _evictedKeys;
        _evictedKeys = total;
        return delta;
    }

    /// <summary>
    /// While a thread writes, a sum may be read without its count, which then cannot be told alone: it is told with the next.
    /// </summary>
    private static LatencyHistogram Kept(LatencyHistogram total, LatencyHistogram before, LatencyHistogram told) =>
        told.Count == 0 ? before : total;
}
