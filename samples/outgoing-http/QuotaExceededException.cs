using System.Net;

namespace OutgoingHttp;

/// <summary>A request was not sent, because a quota would have made it wait too long.</summary>
public sealed class QuotaExceededException(TimeSpan retryAfter) : HttpRequestException(
    $"the quota is used up for {retryAfter.TotalSeconds:0.#} s", inner: null, HttpStatusCode.TooManyRequests)
{
    /// <summary>When to try again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}
