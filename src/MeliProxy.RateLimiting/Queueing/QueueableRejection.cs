using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Queueing;

/// <summary>A rejection that is not counted yet, because all rules that rejected let the resource wait.</summary>
internal sealed class QueueableRejection
{
    /// <param name="decision">The rejection.</param>
    /// <param name="rules">The rules that <paramref name="takes"/> refer to.</param>
    /// <param name="takes">The parts of all rules in the decision.</param>
    /// <param name="longest">The part of the rule that makes the resource wait longest.</param>
    /// <param name="now">The moment of the decision.</param>
    public QueueableRejection(
        in QuotaDecision decision, BoundRule[] rules, ReadOnlySpan<PendingTake> takes, int longest, in QuotaInstant now)
    {
        Rules = rules;
        Takes = takes.ToArray();
        Decision = decision;
        Rule = rules[takes[longest].Rule];
        Key = takes[longest].Hash;
        Now = now.Units;

        // Where nobody knows when permits come back, it is tried again when they do. An override that ends may let it pass too.
        TimeSpan wait = decision.RetryAfter;
        RetryAt = wait > TimeSpan.Zero ? now.Units + QuotaClock.Units(wait) : long.MaxValue;
        if (Rule.Limits[takes[longest].Limit] is { Override.ExpiresAt: not null } limit)
        {
            TimeSpan rest = TimeSpan.FromMilliseconds(limit.EndsAtUnixMilliseconds - now.UnixMilliseconds);
            RetryAt = rest < RateLimitRule.MaxWindow ? Math.Min(RetryAt, now.Units + QuotaClock.Units(rest)) : RetryAt;
        }
    }

    public QuotaDecision Decision { get; }

    /// <summary>The rules that <see cref="Takes"/> refer to.</summary>
    public BoundRule[] Rules { get; }

    /// <summary>The parts of all rules in the decision.</summary>
    public PendingTake[] Takes { get; }

    /// <summary>The rule to wait for.</summary>
    public BoundRule Rule { get; }

    public RuleQueue Queue => Rule.Queue!;

    /// <summary>The key to wait for.</summary>
    public KeyHash Key { get; }

    /// <summary>The moment of the decision, in <see cref="QuotaInstant.Units"/>.</summary>
    public long Now { get; }

    /// <summary>When the resource could pass if nothing else happens.</summary>
    public long RetryAt { get; }
}
