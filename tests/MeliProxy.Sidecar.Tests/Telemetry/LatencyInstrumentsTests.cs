using System.Diagnostics.Metrics;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Telemetry;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.Tests.Telemetry;

public sealed class LatencyInstrumentsTests
{
    private readonly TrafficRecorder _recorder = new();

    [Fact]
    public void Each_request_is_in_the_bucket_of_its_length_and_their_sum_is_right()
    {
        double[] milliseconds = [0.4, 0.4, 3, 3.5, 30, 40, 41, 800, 4000, 12_000, 30_000];
        foreach (double length in milliseconds)
        {
            _recorder.Route("a").Record(2, 0, 0, TimeSpan.FromMilliseconds(length), null);
        }

        List<(string Instrument, string Tags, double Value)> measured = Measure();

        Assert.All(measured, m => Assert.Equal(("meliproxy.http.duration", "route=a class=2xx"), (m.Instrument, m.Tags)));
        (double From, double To)[] buckets = [(0.00025, 0.0005), (0.0025, 0.005), (0.025, 0.05), (0.75, 1), (2.5, 5), (10, double.PositiveInfinity)];
        Assert.Equal([2, 2, 3, 1, 1, 2], buckets.Select(b => measured.Count(m => m.Value > b.From && m.Value <= b.To)));
        Assert.Equal(milliseconds.Length, measured.Count);
        Assert.Equal(milliseconds.Sum() / 1000, measured.Sum(m => m.Value), 1e-6);
    }

    [Fact]
    public void Requests_are_told_apart_by_route_and_class_and_the_upstream_has_a_histogram_of_its_own()
    {
        _recorder.Route("a").Record(5, 0, 0, TimeSpan.FromMilliseconds(6), TimeSpan.FromMilliseconds(2));
        _recorder.Route("b").Record(0, 0, 0, TimeSpan.FromMilliseconds(6), null);

        Assert.Equal(
            [
                ("meliproxy.http.duration", "route=a class=5xx"),
                ("meliproxy.http.upstream.duration", "route=a class=5xx"),
                ("meliproxy.http.duration", "route=b class=none"),
            ],
            Measure().Select(m => (m.Instrument, m.Tags)));
    }

    [Fact]
    public void Where_nothing_passed_nothing_is_measured() => Assert.Empty(Measure());

    [Fact]
    public void Many_are_measured_a_part_at_a_time_and_at_the_end_all()
    {
        for (int i = 0; i < 1_200; i++)
        {
            _recorder.Route("a").Record(2, 0, 0, TimeSpan.FromMilliseconds(i % 7), null);
        }

        FakeTimeProvider time = new();
        List<int> counts = [];
        List<(string, string, double)> measured = Measure(time, instruments =>
        {
            counts.Add(instruments.Count);
            time.Advance(TimeSpan.FromMilliseconds(20));
            counts.Add(instruments.Count);
        });

        Assert.Equal([500, 1_000], counts);
        Assert.Equal(1_200, measured.Count);
    }

    private List<(string Instrument, string Tags, double Value)> Measure(
        TimeProvider? time = null, Action<List<(string, string, double)>>? meanwhile = null)
    {
        List<(string, string, double)> measured = [];
        using Meter meter = new("test");
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter == meter)
                {
                    l.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            measured.Add((instrument.Name, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")), value)));
        using LatencyInstruments instruments = new(meter, time ?? TimeProvider.System);
        listener.Start();
        instruments.Take(new UsageSnapshot
        {
            Node = "n",
            From = DateTimeOffset.UnixEpoch,
            To = DateTimeOffset.UnixEpoch.AddSeconds(1),
            State = new NodeUsage(),
            Routes = _recorder.GetTotals(),
        });
        meanwhile?.Invoke(measured);
        instruments.Dispose();
        return measured;
    }
}
