using System.Buffers;
using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    private const int RulesOnStack = 16;
    private const int KeyCharactersOnStack = 256;

    /// <summary>Decides whether a resource may pass, and takes each matching rule's cost from its key if so.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The decision; dispose of it when the resource was served if it <see cref="QuotaDecision.IsUnsettled"/>.</returns>
    public QuotaDecision Decide(TResource resource) => Decide(resource, 1);

    /// <summary>Decides whether a resource may pass, and takes permits from the key of each matching rule if so.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="permits">
    /// How many times each rule's cost is taken; 0 takes nothing and decides as 1 would.
    /// </param>
    /// <param name="isRefundable">
    /// Whether the permits can be given back by <see cref="QuotaDecision.Refund"/>; the decision then is <see cref="QuotaDecision.IsUnsettled"/>.
    /// </param>
    /// <returns>The decision; dispose of it when the resource was served if it <see cref="QuotaDecision.IsUnsettled"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="permits"/> is negative.</exception>
    [SkipLocalsInit]
    public QuotaDecision Decide(TResource resource, int permits, bool isRefundable = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(permits);
        BoundRule<TResource>[] rules = _rules.Rules;
        if (rules.Length <= RulesOnStack)
        {
            Span<PendingTake> takes = stackalloc PendingTake[RulesOnStack];
            return _engine.Decide(rules, takes[..Prepare(rules, resource, permits, takes)], isRefundable);
        }

        PendingTake[] rented = ArrayPool<PendingTake>.Shared.Rent(rules.Length);
        try
        {
            return _engine.Decide(rules, rented.AsSpan(0, Prepare(rules, resource, permits, rented)), isRefundable);
        }
        finally
        {
            ArrayPool<PendingTake>.Shared.Return(rented);
        }
    }

    /// <summary>Computes all keys and asks for their memory, so that the cache misses overlap.</summary>
    [SkipLocalsInit]
    private int Prepare(BoundRule<TResource>[] rules, TResource resource, int permits, Span<PendingTake> takes)
    {
        Span<char> buffer = stackalloc char[KeyCharactersOnStack];
        int count = 0;
        for (int i = 0; i < rules.Length; i++)
        {
            BoundRule<TResource> rule = rules[i];
            ref PendingTake take = ref takes[count];
            try
            {
                if (!rule.TryPrepare(resource, buffer, ref take))
                {
                    continue;
                }
            }
            catch (Exception e)
            {
                if (!Fail(rule, e, ref take))
                {
                    continue;
                }
            }

            _engine.Table.Prefetch(take.Hash);
            long cost = rule.Rule.Cost;
            take.Rule = i;
            take.Takes = permits > 0 && cost > 0;
            take.Cost = permits <= 1 ? Math.Max(cost, 1) : Multiply(Math.Max(cost, 1), permits);
            count++;
        }

        return count;
    }

    /// <summary>A rule that could not judge; whether it has a part in the decision nevertheless.</summary>
    private bool Fail(BoundRule rule, Exception exception, ref PendingTake take)
    {
        _engine.Counts.Add(rule.Row, RuleOutcome.Failed);
        try
        {
            _options.ErrorHandler?.Invoke(rule.Rule, exception);
        }
        catch (Exception)
        {
            // The handler is told, not asked.
        }

        take.Limit = BoundRule.FailedLimit;
        take.Hash = default;
        return rule.Rule.OnError == RuleErrorBehavior.Closed;
    }

    private static long Multiply(long cost, int permits) => (long)Int128.Min((Int128)cost * permits, long.MaxValue);
}
