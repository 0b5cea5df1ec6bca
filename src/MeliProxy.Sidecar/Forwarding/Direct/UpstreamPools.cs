using System.Collections.Concurrent;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>The connections to all upstreams, and the coarse clock that their time-outs go by.</summary>
internal sealed class UpstreamPools : IDisposable
{
    /// <summary>How often connections are looked after.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<UpstreamEndpoint, UpstreamPool> _pools = new();
    private readonly ITimer _timer;
    private readonly TimeProvider _time;
    private long _now;

    public UpstreamPools(ForwardingCounts counts, TimeProvider time)
    {
        Counts = counts;
        _time = time;
        _timer = time.CreateTimer(static state => ((UpstreamPools)state!).Sweep(), this, Tick, Tick);
    }

    public ForwardingCounts Counts { get; }

    /// <summary>The time, in <see cref="Tick"/>s since the start.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Connections that are open, and how many of them are idle.</summary>
    public (int Open, int Idle) Count()
    {
        (int open, int idle) = (0, 0);
        foreach (UpstreamPool pool in _pools.Values)
        {
            (int o, int i) = pool.Count();
            (open, idle) = (open + o, idle + i);
        }

        return (open, idle);
    }

    public UpstreamPool Get(UpstreamEndpoint endpoint) =>
        _pools.GetOrAdd(endpoint, static (endpoint, pools) => new UpstreamPool(pools, new UpstreamConnector(endpoint, pools._time)), this);

    /// <summary>A time in ticks, never shorter.</summary>
    public static long ToTicks(TimeSpan time) => time > TimeSpan.FromDays(365) ? long.MaxValue : (time.Ticks + Tick.Ticks - 1) / Tick.Ticks;

    public void Dispose()
    {
        _timer.Dispose();
        foreach (UpstreamPool pool in _pools.Values)
        {
            pool.Close();
        }
    }

    private void Sweep()
    {
        Volatile.Write(ref _now, _now + 1);
        foreach (UpstreamPool pool in _pools.Values)
        {
            pool.Sweep();
        }
    }
}
