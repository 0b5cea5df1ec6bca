using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;

/// <summary>A clock that stands still until somebody waits for as long as a test expects.</summary>
internal sealed class SteppedClock() : FakeTimeProvider(AnySnapshot.Start)
{
    private readonly List<TimeSpan> _waits = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        lock (_waits)
        {
            _waits.Add(dueTime);
        }

        return timer;
    }

    /// <summary>Passes a time once something waits for exactly that long.</summary>
    public async Task PassAsync(TimeSpan wait)
    {
        await Eventually.TrueAsync(() =>
        {
            lock (_waits)
            {
                return _waits.Remove(wait);
            }
        });
        Advance(wait);
    }

    public Task PassAsync(double seconds) => PassAsync(TimeSpan.FromSeconds(seconds));
}
