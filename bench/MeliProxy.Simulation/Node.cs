using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.Simulation;

/// <summary>One process: a limiter and its part in sharing, as they are used for real.</summary>
public sealed class Node : ISharingTransport, IDisposable
{
    private readonly VirtualTime _time;
    private readonly Bus _bus;
    private readonly QuotaLimiter<string> _limiter;
    private readonly NodeClock _clock;
    private readonly Queue<Action> _waiting = [];
    private bool _isPaused;
    private bool _isDead;
    private bool _isIsolated;
    private bool _isConnected;
    private int _resumes;

    public Node(VirtualTime time, Bus bus, Scenario scenario, Random random)
    {
        _time = time;
        _bus = bus;
        double drift = scenario.Drift * ((2 * random.NextDouble()) - 1);
        Sharing = new QuotaSharing(new Random(random.Next()));
        _clock = new NodeClock(time, drift, scenario.Skew * ((2 * random.NextDouble()) - 1));
        QuotaLimiterOptions<string> options = new()
        {
            MaxKeys = Math.Max(4 * scenario.Keys, 16),
            Sharing = Sharing,
            HashSecret = new byte[16],
            TimeProvider = _clock,
        };
        options.KeySources.Add("key", static key => key);
        options.Rules.Add(scenario.Rule);
        _limiter = new QuotaLimiter<string>(options);
        Sharing.Attach(this);
        bus.Join(this);
        Connect(true);

        // Not all at the same moment.
        time.After(TimeSpan.FromMilliseconds(5 * random.NextDouble()), () => Tick(0));
    }

    public ulong Id => Sharing.Node;

    public QuotaSharing Sharing { get; }

    /// <summary>Nanoseconds since 1970, by its own wall clock.</summary>
    public long WallTime => (_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>What the rule promises as the node sees it.</summary>
    public SharedRuleStatus Promise => Sharing.GetStatus().Rules[0];

    public bool IsRunning => !_isDead && !_isPaused;

    public bool IsReachable => !_isDead && _isConnected && !_isIsolated;

    public bool TryAdmit(string key) => IsRunning && _limiter.Decide(key).IsAllowed;

    public void Deliver(Action message)
    {
        if (_isPaused)
        {
            _waiting.Enqueue(message);
        }
        else if (!_isDead)
        {
            message();
        }
    }

    public void Connect(bool isConnected)
    {
        _isConnected = isConnected;
        Deliver(() => Sharing.SetConnected(isConnected));
    }

    public void Isolate(bool isIsolated) => _isIsolated = isIsolated;

    public void Pause() => _isPaused = true;

    public void Resume()
    {
        _isPaused = false;
        while (_waiting.TryDequeue(out Action? message))
        {
            message();
        }

        Tick(++_resumes);
    }

    public void Kill()
    {
        _isDead = true;
        _bus.Leave(this);
        _limiter.Dispose();
    }

    public void SendReport(int shard, ReadOnlySpan<byte> report) => _bus.Report(this, shard, report.ToArray());

    public void SendAnswer(ulong node, ReadOnlySpan<byte> answer) => _bus.Answer(this, node, answer.ToArray());

    public void Listen(int shard, bool listens) => _bus.Listen(this, shard, listens);

    public void Read(string key) => _bus.Read(this, key);

    public void Write(string key, ReadOnlySpan<byte> value, ulong revision) => _bus.Write(this, key, value.ToArray(), revision);

    public void Dispose() => _limiter.Dispose();

    private void Tick(int resumes)
    {
        if (IsRunning && resumes == _resumes)
        {
            _time.After(Sharing.Tick(), () => Tick(resumes));
        }
    }
}
