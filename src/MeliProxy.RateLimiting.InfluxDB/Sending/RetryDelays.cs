using MeliProxy.RateLimiting.InfluxDB.Requests;

namespace MeliProxy.RateLimiting.InfluxDB.Sending;

/// <summary>How long it is waited before a request. Used by several lanes.</summary>
internal sealed class RetryDelays(InfluxDBSinkOptions options)
{
    private const double MostLeftOut = 0.5;
    private const double MostAdded = 0.1;
    private static readonly TimeSpan FirstWhenDenied = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWhenDenied = TimeSpan.FromMinutes(5);

    private readonly Random _random = options.Random;

    /// <summary>A time of up to <see cref="InfluxDBSinkOptions.JitterInterval"/>.</summary>
    public TimeSpan Jitter() => options.JitterInterval == TimeSpan.Zero ? TimeSpan.Zero : options.JitterInterval * Draw();

    /// <summary>The delay after a request of which nothing or not all was stored.</summary>
    /// <param name="answer">What was said to it.</param>
    /// <param name="failures">How many have failed before it, one after the other.</param>
    public TimeSpan After(WriteAnswer answer, int failures)
    {
        if (answer.Outcome == WriteOutcome.Denied)
        {
            return Grown(FirstWhenDenied, 2, failures, LongestWhenDenied) * (1 - (MostLeftOut * Draw()));
        }

        if (answer.RetryAfter is { } wanted)
        {
            // Not before the server wants it, and not all at the same moment.
            return TimeSpan.FromTicks(Math.Min(wanted.Ticks, options.MaxRetryDelay.Ticks)) * (1 + (MostAdded * Draw()));
        }

        return Grown(options.RetryInterval, options.ExponentialBase, failures, options.MaxRetryDelay) * (1 - (MostLeftOut * Draw()));
    }

    private static TimeSpan Grown(TimeSpan first, int factor, int times, TimeSpan longest) =>
        TimeSpan.FromTicks((long)Math.Min(first.Ticks * Math.Pow(factor, times), longest.Ticks));

    private double Draw()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }
}
