using System.Collections.Concurrent;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>The connections to all upstreams, and the coarse clock that their time-outs go by.</summary>
internal sealed class UpstreamPools : IDisposable
{
    /// <summary>How often connections are looked after.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<UpstreamEndpoint, UpstreamPool> _pools = new();
    private readonly ITimer _timer;
    private readonly Func<UpstreamEndpoint, UpstreamPool> _create;
    private long _now;

    /// <param name="counts">Where connections are counted.</param>
    /// <param name="time">The clock.</param>
    /// <param name="connect">Makes connections in another way than over the network.</param>
    public UpstreamPools(ForwardingCounts counts, TimeProvider time, Func<UpstreamEndpoint, Task<Stream>>? connect = null)
    {
        Counts = counts;
        _create = connect is null
            ? endpoint => new UpstreamPool(this, new UpstreamConnector(endpoint, time).ConnectAsync)
            : endpoint => new UpstreamPool(this, _ => connect(endpoint));
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

    public UpstreamPool Get(UpstreamEndpoint endpoint) => _pools.GetOrAdd(endpoint, _create);

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
