using System.Collections.Concurrent;

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Lets one of many like events be logged each minute, and counts them. Safe for use by several threads.</summary>
/// <remarks>What is told apart comes from rules, so it is bounded by them.</remarks>
internal sealed class LogThrottle(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Events> _events = new(StringComparer.Ordinal);

    /// <summary>Counts an event.</summary>
    /// <param name="what">What happened, in the words of a rule.</param>
    /// <param name="count">How often it happened since it was last logged.</param>
    /// <returns>Whether it is to be logged now.</returns>
    public bool IsDue(string what, out long count)
    {
        Events events = _events.GetOrAdd(what, static _ => new Events());
        lock (events)
        {
            count = ++events.Count;
            long now = time.GetTimestamp();
            if (events.LoggedAt is { } last && time.GetElapsedTime(last, now) < Interval)
            {
                return false;
            }

            events.LoggedAt = now;
            events.Count = 0;
            return true;
        }
    }

    private sealed class Events
    {
        public long Count { get; set; }

        public long? LoggedAt { get; set; }
    }
}
