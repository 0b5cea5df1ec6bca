using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting;

/// <summary>Whether a resource may pass, and the state of the rule that decided: the one that rejected, or else the one nearest to its limit.</summary>
/// <remarks>
/// A value; figures are those of the moment of the decision. Where <see cref="IsUnsettled"/> is true, dispose of it when the resource has been
/// served; otherwise disposing does nothing. Reading is safe for several threads; charging, refunding and disposing are for one at a time.
/// </remarks>
public readonly struct QuotaDecision : IDisposable
{
    private readonly BoundLimit? _limit;
    private readonly IReadOnlyList<string>? _violated;
    private readonly QuotaHold? _hold;
    private readonly long _version;
    private readonly KeyState _state;
    private readonly long _cost;
    private readonly QuotaInstant _now;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal QuotaDecision(
        BoundLimit? limit, in KeyState state, long cost, in QuotaInstant now, IReadOnlyList<string>? violated, QuotaHold? hold)
    {
        _hold = hold;
        _version = hold?.Version ?? 0;
        _limit = limit;
        _state = state;
        _cost = cost;
        _now = now;
        _violated = violated;
    }

    /// <summary>Whether the resource may pass.</summary>
    public bool IsAllowed => _violated is null;

    /// <summary>
    /// Whether something is left to do after the resource was served: permits of a <see cref="RateLimitAlgorithm.Concurrency"/> rule to release,
    /// or charges to be made.
    /// </summary>
    public bool IsUnsettled => _hold is not null;

    /// <summary>
    /// The rule that decided, with the limit that applied, which may be that of an override; <see langword="null"/> if no enforcing rule matched.
    /// </summary>
    public RateLimitRule? Rule => _limit?.Rule;

    /// <summary>The names of all enforcing rules that the resource would have violated; empty if it is allowed.</summary>
    public IReadOnlyList<string> ViolatedRules => _violated ?? [];

    /// <summary>Permits left to the key after this decision; 0 without a rule.</summary>
    public long Remaining => Standing.Remaining;

    /// <summary>Time until the key has its whole quota again; zero for <see cref="RateLimitAlgorithm.Concurrency"/>, where nobody knows.</summary>
    public TimeSpan ResetAfter => Standing.ResetAfter;

    /// <summary>
    /// Time until the same resource could pass this rule; zero if it is allowed, and for <see cref="RateLimitAlgorithm.Concurrency"/>. Where more
    /// permits are asked for than a key can hold, no time is enough, and the one in which a key becomes whole is told.
    /// </summary>
    public TimeSpan RetryAfter => IsAllowed ? TimeSpan.Zero : Standing.RetryAfter;

    /// <summary>The three figures above, worked out once.</summary>
    public QuotaStanding Standing => _limit is null ? default
        : IsAllowed ? _limit.Limit.Standing(_state, _cost, _now) with { RetryAfter = TimeSpan.Zero }
        : _limit.Limit.Standing(_state, _cost, _now);

    /// <summary>
    /// Charges the key of each rule whose <see cref="RateLimitRule.Charge"/> is <paramref name="charge"/>, whether or not it has the permits;
    /// the key then has to make up for them before it passes again. Does nothing where no such rule took part, and after disposal.
    /// </summary>
    /// <param name="charge">The name of the charge, such as <c>tokens</c>.</param>
    /// <param name="permits">How many permits, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="permits"/> is negative.</exception>
    public void Charge(string charge, long permits)
    {
        ArgumentNullException.ThrowIfNull(charge);
        ArgumentOutOfRangeException.ThrowIfNegative(permits);
        if (permits > 0)
        {
            _hold?.Charge(_version, charge, permits);
        }
    }

    /// <summary>
    /// Gives back the permits that the decision took, as far as they have not come back by themselves; what was charged stays. Does nothing where
    /// the decision is not <see cref="IsUnsettled"/>, after disposal, and the second time.
    /// </summary>
    public void Refund() => _hold?.Refund(_version);

    /// <summary>Releases the permits of concurrency rules, and ends the time for charges and refunds. Once; calling it again does nothing.</summary>
    public void Dispose() => _hold?.Settle(_version);
}
