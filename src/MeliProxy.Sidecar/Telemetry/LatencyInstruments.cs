using System.Diagnostics.Metrics;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Shows how long requests took, as histograms that can be added up over sidecars.</summary>
/// <remarks>
/// Requests are counted by length as they end, for little. What was counted in a second is put into the histograms once a second, so that no
/// request pays for them: as many values for each bucket as there were requests, chosen so that their sum is right too. Many values are put
/// there a part at a time, over up to half a second: requests may have only the one processor that this runs on, too. Each part also wakes
/// two threads, so there are not too many.
/// </remarks>
internal sealed class LatencyInstruments : IUsageSink, IDisposable
{
    public const string SinkName = "telemetry";

    private static readonly double[] Bounds =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    /// <summary>How many values are put there at a time at least; it takes a fraction of a millisecond.</summary>
    private const int AtOnce = 500;

    /// <summary>In how many parts all that waits is put there at most.</summary>
    private const int Parts = 25;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Lock _lock = new();
    private readonly Queue<Values> _waiting = new();
    private readonly ITimer _timer;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _upstream;
    private long _waitingCount;

    /// <param name="meter">What the instruments belong to.</param>
    /// <param name="time">The clock.</param>
    public LatencyInstruments(Meter meter, TimeProvider time)
    {
        _timer = time.CreateTimer(static state => ((LatencyInstruments)state!).Go(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        InstrumentAdvice<double> advice = new() { HistogramBucketBoundaries = Bounds };
        _duration = meter.CreateHistogram(
            "meliproxy.http.duration", "s", "Time from the arrival of a request's headers to the end of its response.", tags: null, advice);
        _upstream = meter.CreateHistogram(
            "meliproxy.http.upstream.duration",
            "s",
            "Time from the start of forwarding to the headers of the upstream's response.",
            tags: null,
            advice);
    }

    /// <inheritdoc/>
    public string Name => SinkName;

    /// <inheritdoc/>
    public SinkStatus Status => new(Name, 0, 0, null);

    /// <inheritdoc/>
    public void Take(UsageSnapshot snapshot)
    {
        lock (_lock)
        {
            foreach (RouteUsage usage in snapshot.Routes)
            {
                KeyValuePair<string, object?>[] tags = TrafficTags.Of(usage);
                Add(_duration, usage.Duration, tags);
                Add(_upstream, usage.UpstreamTime, tags);
            }
        }

        Go();
    }

    /// <summary>Puts there all that still waits, before somebody collects for the last time.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            Record(long.MaxValue);
        }
    }

    /// <summary>Puts a part of what waits into the histograms, and the rest soon.</summary>
    private void Go()
    {
        lock (_lock)
        {
            Record(Math.Max(AtOnce, _waitingCount / Parts));
            if (_waitingCount > 0)
            {
                _timer.Change(Pause, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Record(long most)
    {
        while (most > 0 && _waiting.TryPeek(out Values? values))
        {
            long count = Math.Min(most, values.Count);
            for (long n = count; n > 0; n--)
            {
                values.Histogram.Record(values.Value, values.Tags);
            }

            most -= count;
            values.Count -= count;
            _waitingCount -= count;
            if (values.Count == 0)
            {
                _waiting.Dequeue();
            }
        }
    }

    private void Add(Histogram<double> histogram, LatencyHistogram times, KeyValuePair<string, object?>[] tags)
    {
        if (times.Count == 0 || !histogram.Enabled)
        {
            return;
        }

        double longest = Math.Max(times.Quantile(1).TotalSeconds, Bounds[^1]);
        Span<long> counts = stackalloc long[Bounds.Length + 1];
        double least = 0;
        double span = 0;
        long before = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            (double from, double to) = BucketOf(i, longest);
            long upTo = i < Bounds.Length ? times.CountUpTo(TimeSpan.FromSeconds(to)) : times.Count;
            counts[i] = upTo - before;
            before = upTo;
            least += counts[i] * from;
            span += counts[i] * (to - from);
        }

        // Where in its bucket each value has to be for the sum to be right; at the lower bound it would be in the bucket below.
        double share = span > 0 ? Math.Clamp((times.Sum.TotalSeconds - least) / span, 1e-6, 1) : 1;
        for (int i = 0; i < counts.Length; i++)
        {
            (double from, double to) = BucketOf(i, longest);
            double value = Math.Min(from + (share * (to - from)), to);
            if (counts[i] > 0)
            {
                _waiting.Enqueue(new Values(histogram, tags, value) { Count = counts[i] });
                _waitingCount += counts[i];
            }
        }
    }

    private static (double From, double To) BucketOf(int index, double longest) =>
        (index == 0 ? 0 : Bounds[index - 1], index < Bounds.Length ? Bounds[index] : longest);

    /// <summary>A value to be put into a histogram several times.</summary>
    private sealed class Values(Histogram<double> histogram, KeyValuePair<string, object?>[] tags, double value)
    {
        public Histogram<double> Histogram => histogram;

        public KeyValuePair<string, object?>[] Tags => tags;

        public double Value => value;

        public long Count { get; set; }
    }
}
