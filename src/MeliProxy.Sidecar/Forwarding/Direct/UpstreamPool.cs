using System.Runtime.InteropServices;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>The connections to one endpoint.</summary>
/// <remarks>
/// Idle connections are kept in stripes. A thread gives connections back to its own stripe and takes from it first, and a connection's answers
/// come on the thread of its socket's loop; so exchanges settle on connections of the loop that their clients' connections belong to.
/// </remarks>
internal sealed class UpstreamPool
{
    /// <summary>How long a connection may be idle.</summary>
    public static readonly TimeSpan MaxIdle = TimeSpan.FromSeconds(60);

    /// <summary>How old a connection may get, so that a changed address of a name comes into force.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(2);

    private static readonly int StripeCount = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Environment.ProcessorCount);
    private static int s_threads;

    [ThreadStatic]
    private static int t_stripe;

    private readonly UpstreamPools _pools;
    private readonly Func<CancellationToken, Task<Stream>> _connect;
    private readonly Stripe[] _stripes = new Stripe[StripeCount];
    private readonly Lock _lock = new();
    private UpstreamConnection?[] _connections = new UpstreamConnection?[16];
    private bool _isClosed;

    /// <param name="pools">All pools, whose time this one goes by.</param>
    /// <param name="connect">Makes a connection, or throws an <see cref="UpstreamFaultException"/>.</param>
    public UpstreamPool(UpstreamPools pools, Func<CancellationToken, Task<Stream>> connect)
    {
        _pools = pools;
        _connect = connect;
    }

    /// <summary>The time, in ticks.</summary>
    public long Now => _pools.Now;

    /// <summary>Connections that are open, and how many of them are idle.</summary>
    public (int Open, int Idle) Count()
    {
        int open = 0;
        int idle = 0;
        foreach (UpstreamConnection? connection in Volatile.Read(ref _connections))
        {
            open += connection is null ? 0 : 1;
            idle += connection is { IsIdle: true } ? 1 : 0;
        }

        return (open, idle);
    }

    /// <summary>Takes an idle connection, if there is one.</summary>
    public UpstreamConnection? TryTake()
    {
        int own = OwnStripe();
        for (int i = 0; i < _stripes.Length; i++)
        {
            UpstreamConnection? connection = _stripes[(own + i) & (StripeCount - 1)].Idle.TryPop(Volatile.Read(ref _connections));
            if (connection is not null)
            {
                return connection;
            }
        }

        return null;
    }

    /// <summary>Makes a new connection.</summary>
    /// <exception cref="UpstreamFaultException">There is none to be had.</exception>
    public async Task<UpstreamConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        Stream stream = await _connect(cancellationToken);
        UpstreamConnection connection = new(this, stream);
        lock (_lock)
        {
            int place = Array.IndexOf(_connections, null);
            if (place < 0)
            {
                place = _connections.Length;
                Array.Resize(ref _connections, place * 2);
            }

            connection.Number = place + 1;
            Volatile.Write(ref _connections[place], connection);
        }

        _pools.Counts.Connected.Increment();
        return connection;
    }

    /// <summary>Gives a connection back that can be used again.</summary>
    public void GiveBack(UpstreamConnection connection)
    {
        connection.GiveBackBuffer();
        if (_isClosed || Now - connection.BornAt > UpstreamPools.ToTicks(MaxAge))
        {
            Discard(connection);
            return;
        }

        _stripes[OwnStripe()].Idle.Push(connection);
    }

    /// <summary>Closes a connection that somebody has taken.</summary>
    public void Discard(UpstreamConnection connection)
    {
        connection.Close();
        lock (_lock)
        {
            Volatile.Write(ref _connections[connection.Number - 1], null);
        }
    }

    /// <summary>Breaks off exchanges that stand still or whose clients have left, and closes what was idle for too long.</summary>
    public void Sweep()
    {
        long now = Now;
        bool anyExpired = false;
        foreach (UpstreamConnection? connection in Volatile.Read(ref _connections))
        {
            if (connection is not null)
            {
                connection.BreakOffIfDue(now);
                anyExpired |= connection.IsIdle && IsExpired(connection, now);
            }
        }

        if (anyExpired)
        {
            RemoveIdle(connection => IsExpired(connection, now));
        }
    }

    /// <summary>Closes what is idle, and lets nothing become so again.</summary>
    public void Close()
    {
        _isClosed = true;
        RemoveIdle(_ => true);
    }

    private static int OwnStripe()
    {
        if (t_stripe == 0)
        {
            t_stripe = Interlocked.Increment(ref s_threads);
        }

        return t_stripe & (StripeCount - 1);
    }

    private static bool IsExpired(UpstreamConnection connection, long now) =>
        now - connection.MovedAt > UpstreamPools.ToTicks(MaxIdle) || now - connection.BornAt > UpstreamPools.ToTicks(MaxAge);

    /// <summary>Whoever wants one meanwhile may find none, and then makes a new one.</summary>
    private void RemoveIdle(Func<UpstreamConnection, bool> isUnwanted)
    {
        List<UpstreamConnection> wanted = [];
        for (int i = 0; i < _stripes.Length; i++)
        {
            wanted.Clear();
            while (_stripes[i].Idle.TryPop(Volatile.Read(ref _connections)) is { } connection)
            {
                if (isUnwanted(connection))
                {
                    Discard(connection);
                }
                else
                {
                    wanted.Add(connection);
                }
            }

            for (int last = wanted.Count - 1; last >= 0; last--)
            {
                _stripes[i].Idle.Push(wanted[last]);
            }
        }
    }

    /// <summary>Two cache lines, so that no two stripes share one.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Stripe
    {
        [FieldOffset(0)]
        public IdleConnections Idle;
    }
}
