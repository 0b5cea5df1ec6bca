using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Tests.Usage;

public class TrafficRecorderTests
{
    private readonly TrafficRecorder _recorder = new();

    [Fact]
    public void Requests_are_told_by_route_and_class()
    {
        RecordedRoute api = _recorder.Route("api");
        api.Record(2, 10, 100, TimeSpan.FromMilliseconds(3), TimeSpan.FromMilliseconds(2));
        api.Record(2, 20, 200, TimeSpan.FromMilliseconds(5), upstreamTime: null);
        api.Record(5, 0, 7, TimeSpan.FromMilliseconds(1), upstreamTime: null);
        _recorder.Route("none").Record(4, 0, 50, TimeSpan.Zero, upstreamTime: null);

        Assert.Equal(
            [("api", 2, 2, 30, 300, 2, 1), ("api", 5, 1, 0, 7, 1, 0), ("none", 4, 1, 0, 50, 1, 0)],
            _recorder.GetTotals().Select(r => (r.Route, r.StatusClass, r.Count, r.BytesIn, r.BytesOut, r.Duration.Count, r.UpstreamTime.Count)));
        Assert.Equal(TimeSpan.FromMilliseconds(8), _recorder.GetTotals()[0].Duration.Sum);
        Assert.Equal(TimeSpan.FromMilliseconds(2), _recorder.GetTotals()[0].UpstreamTime.Sum);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(5, 5)]
    [InlineData(6, 0)]
    [InlineData(int.MaxValue, 0)]
    public void A_class_that_is_none_is_no_answer(int statusClass, int told)
    {
        _recorder.Route("api").Record(statusClass, 0, 0, TimeSpan.Zero, upstreamTime: null);
        Assert.Equal(told, Assert.Single(_recorder.GetTotals()).StatusClass);
    }

    [Fact]
    public void Lengths_that_cannot_be_are_counted_as_the_nearest()
    {
        RecordedRoute api = _recorder.Route("api");
        api.Record(2, 0, 0, TimeSpan.MaxValue, TimeSpan.MinValue);
        RouteUsage usage = Assert.Single(_recorder.GetTotals());
        Assert.Equal((1, 1), (usage.Duration.Count, usage.UpstreamTime.Count));
        Assert.InRange(usage.Duration.Quantile(1), TimeSpan.FromMinutes(73), TimeSpan.FromMinutes(74));
        Assert.InRange(usage.UpstreamTime.Quantile(1), TimeSpan.Zero, TimeSpan.FromTicks(1));
    }

    [Fact]
    public void Routes_beyond_the_most_are_told_together()
    {
        for (int i = 0; i < TrafficRecorder.MaxRoutes + 10; i++)
        {
            _recorder.Route($"r{i}").Record(2, 1, 0, TimeSpan.Zero, upstreamTime: null);
        }

        IReadOnlyList<RouteUsage> totals = _recorder.GetTotals();
        Assert.Equal(TrafficRecorder.MaxRoutes + 1, totals.Count);
        Assert.Equal(10, Assert.Single(totals, t => t.Route == TrafficRecorder.OtherRoutes).Count);
        Assert.Same(_recorder.Route("r3"), _recorder.Route("r3"));
        Assert.Equal("r3", _recorder.Route("r3").Name);
        Assert.Equal(TrafficRecorder.OtherRoutes, _recorder.Route("one more").Name);
    }

    [Fact]
    public void Requests_are_under_way_until_they_have_ended_on_whichever_thread()
    {
        Together.Run(3, _ => _recorder.Begin());
        Assert.Equal(3, _recorder.InFlight);
        _recorder.End();
        Assert.Equal(2, _recorder.InFlight);
        Together.Run(2, _ => _recorder.End());
        Assert.Equal(0, _recorder.InFlight);
    }

    [Fact]
    public void Figures_are_exact_whatever_several_threads_record_and_read_at_once()
    {
        const int Threads = 4;
        const int Requests = 5_000;
        Together.Run(
            Threads,
            thread =>
            {
                for (int i = 0; i < Requests; i++)
                {
                    _recorder.Begin();
                    _recorder.Route($"r{i % 300}").Record(i % 6, 1, 2, TimeSpan.FromTicks(i), TimeSpan.FromTicks(i));
                    if (thread == 0 && i % 500 == 0)
                    {
                        Assert.InRange(_recorder.GetTotals().Sum(t => t.Count), i, Threads * Requests);

                        // What begins while they are counted is in; so there may seem to be more, but never fewer than this one.
                        Assert.InRange(_recorder.InFlight, 1, Threads * Requests);
                    }

                    _recorder.End();
                }
            });
        IReadOnlyList<RouteUsage> totals = _recorder.GetTotals();
        Assert.Equal(0, _recorder.InFlight);
        Assert.Equal(Threads * Requests, totals.Sum(t => t.Count));
        Assert.Equal(Threads * Requests, totals.Sum(t => t.BytesIn));
        Assert.Equal(Threads * Requests * 2, totals.Sum(t => t.BytesOut));
        Assert.Equal(Threads * Requests, totals.Sum(t => t.UpstreamTime.Count));
        Assert.Equal(Threads * (Requests * (Requests - 1L) / 2), totals.Sum(t => t.Duration.Sum.Ticks));
    }

    [Fact]
    public void What_threads_that_have_ended_recorded_stays()
    {
        for (int round = 1; round <= 10; round++)
        {
            Together.Run(4, _ => _recorder.Route("r").Record(2, 1, 1, TimeSpan.Zero, upstreamTime: null));
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.Equal(4 * round, Assert.Single(_recorder.GetTotals()).Count);
        }
    }

    [Fact]
    public void Recording_allocates_nothing()
    {
        long fewest = long.MaxValue;
        for (int run = 0; run < 6; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 500; i++)
            {
                _recorder.Begin();
                _recorder.Route("api").Record(2, 1, 1, TimeSpan.FromTicks(i * 1000), TimeSpan.FromTicks(i));
                _recorder.End();
            }

            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, fewest);
    }
}
