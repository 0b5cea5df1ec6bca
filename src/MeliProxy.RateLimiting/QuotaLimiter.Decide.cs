using System.Buffers;
using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    /// <summary>Decides whether a resource may pass, and takes each matching rule's cost from its key if so.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The decision; dispose of it when the resource was served if it <see cref="QuotaDecision.IsUnsettled"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public QuotaDecision Decide(TResource resource) => Decide(resource, 1);

    /// <summary>Decides whether a resource may pass, and takes permits from the key of each matching rule if so.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="permits">
    /// How many times each rule's cost is taken, also by concurrency rules; 0 takes nothing and decides as 1 would. More than a key can hold
    /// are never allowed.
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
        if (rules.Length > PendingTakes.Count)
        {
            return DecideByMany(rules, resource, permits, isRefundable);
        }

        Unsafe.SkipInit(out PendingTakes buffer);
        Span<PendingTake> takes = buffer;
        long began = _engine.BeginTiming();
        int count = Prepare(rules, resource, permits, takes, out int unjudged);
        QuotaDecision decision = _engine.Decide(rules, takes[..count], isRefundable, out UsageSample sample);
        if (sample.Weight > 0 || unjudged > 0 || began != DecisionEngine.NotTimed)
        {
            Observe(rules, takes, count, unjudged, resource, decision, sample, began);
        }

        return decision;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private QuotaDecision DecideByMany(BoundRule<TResource>[] rules, TResource resource, int permits, bool isRefundable)
    {
        PendingTake[] takes = ArrayPool<PendingTake>.Shared.Rent(rules.Length);
        try
        {
            long began = _engine.BeginTiming();
            int count = Prepare(rules, resource, permits, takes, out int unjudged);
            QuotaDecision decision = _engine.Decide(rules, takes.AsSpan(0, count), isRefundable, out UsageSample sample);
            Observe(rules, takes, count, unjudged, resource, decision, sample, began);
            return decision;
        }
        finally
        {
            ArrayPool<PendingTake>.Shared.Return(takes);
        }
    }

    /// <summary>Computes all keys and asks for their memory, so that the cache misses overlap.</summary>
    /// <returns>How many rules have a part in the decision; their parts come first in <paramref name="takes"/>.</returns>
    /// <param name="rules">The rules.</param>
    /// <param name="resource">The resource.</param>
    /// <param name="permits">How many times each rule's cost is asked for.</param>
    /// <param name="takes">Room for a part of each rule.</param>
    /// <param name="unjudged">
    /// How many rules could not judge and have no part. They are named by the last of the places that the rules have in
    /// <paramref name="takes"/>.
    /// </param>
    [SkipLocalsInit]
    private int Prepare(BoundRule<TResource>[] rules, TResource resource, int permits, Span<PendingTake> takes, out int unjudged)
    {
        Unsafe.SkipInit(out KeyCharacters characters);
        Span<char> buffer = characters;
        int count = 0;
        unjudged = 0;
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
                    unjudged++;
                    takes[rules.Length - unjudged].Rule = i;
                    continue;
                }
            }

            _engine.Table.Prefetch(take.Hash);
            take.Rule = i;
            take.Takes = permits > 0;
            take.Cost = permits <= 1 ? rule.Cost : Multiply(rule.Cost, permits);
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
