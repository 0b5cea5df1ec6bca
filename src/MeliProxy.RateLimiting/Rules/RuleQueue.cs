using System.Diagnostics.CodeAnalysis;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>How resources over a rule's limit may wait for it: in order of arrival, by key.</summary>
[SuppressMessage("Naming", "CA1711", Justification = "It is about a queue, if not one itself.")]
public sealed record RuleQueue
{
    /// <summary>The highest <see cref="Limit"/>: 100,000.</summary>
    public const int MaxLimit = 100_000;

    /// <summary>The longest <see cref="MaxWait"/>: one hour.</summary>
    public static readonly TimeSpan LongestMaxWait = TimeSpan.FromHours(1);

    /// <summary>
    /// How many resources of one key may wait at a time, 1 to <see cref="MaxLimit"/>. <c>QuotaLimiterOptions.MaxQueued</c>
    /// bounds those of all keys together.
    /// </summary>
    public required int Limit { get; init; }

    /// <summary>How long one may wait before it is rejected, from 1 ms to <see cref="LongestMaxWait"/>, in whole milliseconds.</summary>
    public required TimeSpan MaxWait { get; init; }
}
