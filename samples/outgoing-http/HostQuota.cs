using System.Net;
using System.Net.Http.Headers;

namespace OutgoingHttp;

/// <summary>What one host's answers say about how many requests it takes, and the requests on their way to it.</summary>
/// <remarks>
/// Answers overtake one another, and none counts the requests that arrive after it was made. So each is taken at its least: of what it says
/// is left, every request goes off that it may not have counted, which are all that were sent or unanswered since its own was sent.
/// </remarks>
public sealed class HostQuota(TimeProvider time)
{
    private static readonly TimeSpan LongestHold = TimeSpan.FromDays(31);

    private readonly Lock _lock = new();
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _heldUntil;
    private TimeSpan _renewedAt = TimeSpan.MaxValue;
    private long _left = long.MaxValue;
    private RateLimitItem? _policy;
    private long _sent;
    private long _answered;

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Takes the place of one request.</summary>
    /// <param name="ticket">To be handed back to <see cref="Leave"/>.</param>
    /// <returns>Zero, or how long to wait before asking again.</returns>
    public TimeSpan TryEnter(out long ticket)
    {
        lock (_lock)
        {
            TimeSpan now = Now;
            ticket = _answered;
            if (now >= _renewedAt)
            {
                Renew(now);
            }

            if (now < _heldUntil || _left <= 0)
            {
                return (_left <= 0 && _renewedAt > _heldUntil ? _renewedAt : _heldUntil) - now;
            }

            _left--;
            _sent++;
            return TimeSpan.Zero;
        }
    }

    /// <summary>Gives the place back and learns from the answer; <see langword="null"/> if there was none.</summary>
    public void Leave(long ticket, HttpResponseMessage? response)
    {
        TimeSpan hold = TimeSpan.Zero;
        RateLimitItem? standing = null;
        RateLimitItem? policy = null;
        if (response is not null)
        {
            hold = Hold(response);

            // Of several quotas, the one with the least left decides.
            standing = Read(response, "RateLimit").Where(item => item is { Remaining: not null, ResetSeconds: not null })
                .OrderBy(item => item.Remaining).ThenByDescending(item => item.ResetSeconds).FirstOrDefault();
            policy = Read(response, "RateLimit-Policy")
                .FirstOrDefault(item => item is { Quota: > 0, WindowSeconds: > 0 } && item.Name == standing?.Name);
        }

        lock (_lock)
        {
            TimeSpan now = Now;
            _answered++;
            if (hold > TimeSpan.Zero && now + hold > _heldUntil)
            {
                _heldUntil = now + hold;
            }

            if (standing is { Remaining: { } remaining, ResetSeconds: { } seconds })
            {
                _left = remaining - (_sent - ticket - 1);
                _renewedAt = now + Bounded(seconds);
                _policy = policy;
            }
        }
    }

    /// <summary>The time of the last answer is over: its policy tells how many requests there are again, if it had one.</summary>
    private void Renew(TimeSpan now)
    {
        if (_policy is { Quota: { } quota, WindowSeconds: { } seconds })
        {
            _left = quota - (_sent - _answered);
            _renewedAt = now + Bounded(seconds);
        }
        else
        {
            _left = long.MaxValue;
            _renewedAt = TimeSpan.MaxValue;
        }
    }

    private TimeSpan Hold(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
        {
            return TimeSpan.Zero;
        }

        RetryConditionHeaderValue? retryAfter = response.Headers.RetryAfter;
        TimeSpan hold = retryAfter?.Delta ?? (retryAfter?.Date is { } date ? date - time.GetUtcNow() : TimeSpan.Zero);
        return hold < LongestHold ? hold : LongestHold;
    }

    private static TimeSpan Bounded(long seconds) => TimeSpan.FromSeconds(Math.Min(seconds, (long)LongestHold.TotalSeconds));

    private static IReadOnlyList<RateLimitItem> Read(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out IEnumerable<string>? lines) ? RateLimitHeader.Read(string.Join(", ", lines)) : [];
}
