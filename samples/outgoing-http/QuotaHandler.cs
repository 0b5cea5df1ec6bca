using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using MeliProxy.RateLimiting;

namespace OutgoingHttp;

/// <summary>
/// Keeps what a program sends within its own rules, and within what the other side says: <c>Retry-After</c> on 429 and 503, and the headers
/// <c>RateLimit</c> and <c>RateLimit-Policy</c>. What they say holds for all requests to the same host and port.
/// </summary>
/// <remarks>
/// Rules with a queue make requests wait, others do not. One handler is to be shared by all clients of a host. Requests are not repeated:
/// an answer of 429 from the other side reaches the caller, and holds back those that come after it.
/// </remarks>
public sealed class QuotaHandler(QuotaLimiter<HttpRequestMessage> limiter) : DelegatingHandler
{
    private readonly ConcurrentDictionary<string, HostQuota> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How long a request may wait in all for a host that holds it back. Default: 30 seconds; zero: it never waits.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What becomes of a request that would have to wait longer. Default: <see cref="OverQuota.Answer429"/>.</summary>
    public OverQuota OverQuota { get; init; } = OverQuota.Answer429;

    /// <summary>The clock. Default: <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HostQuota host = _hosts.GetOrAdd(request.RequestUri!.Authority, _ => new HostQuota(TimeProvider));
        TimeSpan waited = TimeSpan.Zero;
        while (true)
        {
            using QuotaDecision decision = await limiter.DecideAsync(request, 1, isRefundable: true, cancellationToken);
            if (!decision.IsAllowed)
            {
                return Refuse(request, decision.RetryAfter);
            }

            TimeSpan wait = host.TryEnter(out long ticket);
            if (wait == TimeSpan.Zero)
            {
                return await SendAsync(request, host, ticket, cancellationToken);
            }

            // Whoever waits holds no permit, or all who waited would be let go at once.
            decision.Refund();
            decision.Dispose();
            waited += wait;
            if (waited > MaxWait)
            {
                return Refuse(request, wait);
            }

            await Task.Delay(wait, TimeProvider, cancellationToken);
        }
    }

    /// <summary>Refused, because waiting would block the thread.</summary>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("quotas may have to wait: use SendAsync");

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HostQuota host, long ticket, CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, cancellationToken);
            return response;
        }
        finally
        {
            host.Leave(ticket, response);
        }
    }

    private HttpResponseMessage Refuse(HttpRequestMessage request, TimeSpan retryAfter)
    {
        if (OverQuota == OverQuota.Throw)
        {
            throw new QuotaExceededException(retryAfter);
        }

        return new HttpResponseMessage(HttpStatusCode.TooManyRequests)
        {
            RequestMessage = request,
            ReasonPhrase = "Held back by QuotaHandler",
            Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(Math.Ceiling(retryAfter.TotalSeconds))) },
        };
    }
}
