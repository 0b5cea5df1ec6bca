using System.Globalization;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>Runs a scenario from its beginning to its end.</summary>
public sealed class SimulationRun
{
    private const int MostBoundsAtATime = 200;

    private static readonly TimeSpan BoundsInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstBursts = TimeSpan.FromSeconds(0.5);

    private readonly Scenario _scenario;
    private readonly Random _random;
    private readonly VirtualTime _time = new();
    private readonly Bus _bus;
    private readonly Node[] _nodes;
    private readonly string[] _keys;
    private readonly Conformance[] _conformance;
    private int _hot;
    private long _offered;
    private long _offeredWarm;
    private long _admittedWarm;
    private readonly long _measuredFrom;
    private long _bound;
    private bool _isUnbounded;
    private int _boundsTaken;
    private ulong _trace = 14_695_981_039_346_656_037;
    private Node? _owner;

    private SimulationRun(Scenario scenario)
    {
        _scenario = scenario;
        _random = new Random(scenario.Seed);
        _bus = new Bus(_time, scenario, _random);
        _nodes = [.. Enumerable.Range(0, scenario.Nodes).Select(_ => new Node(_time, _bus, scenario, _random))];
        _keys = [.. Enumerable.Range(0, scenario.Keys).Select(k => $"key-{k.ToString(CultureInfo.InvariantCulture)}")];
        _conformance = [.. _keys.Select(_ => new Conformance(scenario.Rule, scenario.Drift))];
        _measuredFrom = MeasuredFrom(scenario);
    }

    public static Outcome Run(Scenario scenario)
    {
        SimulationRun run = new(scenario);
        run.Run();
        return run.Result();
    }

    private void Run()
    {
        foreach (Fault fault in _scenario.Faults)
        {
            _time.At(fault.At.Ticks * 100, () => Begin(fault));
        }

        if (_scenario.ShiftEvery > TimeSpan.Zero)
        {
            _time.After(_scenario.ShiftEvery, Shift);
        }

        _time.After(BoundsInterval, TakeBounds);
        if (_scenario.Demand > 0)
        {
            _time.After(_scenario.QuietFor + NextArrival(), Arrive);
        }

        for (int node = 0; node < _scenario.BurstNodes && _scenario.BurstSize > 0; node++)
        {
            int index = node;
            _time.After(_scenario.QuietFor + (_random.NextDouble() * Least(_scenario.BurstEvery, FirstBursts)), () => Burst(index));
        }

        _time.RunUntil(_scenario.Duration);
        foreach (Node node in _nodes)
        {
            node.Dispose();
        }
    }

    private void Arrive()
    {
        _time.After(NextArrival(), Arrive);
        int key = _random.Next(_keys.Length);
        Request(key, _nodes[_random.NextDouble() < _scenario.HotPart ? _hot : _random.Next(_nodes.Length)]);
    }

    private void Burst(int node)
    {
        _time.After(_scenario.BurstEvery, () => Burst(node));
        for (int i = 0; i < _scenario.BurstSize; i++)
        {
            Request(i % _keys.Length, _nodes[node]);
        }
    }

    private void Request(int key, Node node)
    {
        bool isAdmitted = node.TryAdmit(_keys[key]);
        _offered++;
        bool isMeasured = _time.Now >= _measuredFrom;
        _offeredWarm += isMeasured ? 1 : 0;
        if (isAdmitted)
        {
            _conformance[key].Admit(_time.Now, WindowTime());
            _admittedWarm += isMeasured ? 1 : 0;
            _trace = (_trace ^ (ulong)_time.Now ^ node.Id) * 1_099_511_628_211;
        }
    }

    /// <summary>The time by which windows are counted: that of the owner, where clocks are off.</summary>
    private long WindowTime()
    {
        if (_scenario is { Drift: 0, Skew.Ticks: 0 } || _scenario.Rule.Algorithm == RateLimitAlgorithm.TokenBucket)
        {
            return _time.Now + NodeClock.UnixStart;
        }

        _owner ??= Array.Find(_nodes, OwnsAKey);
        return _owner?.WallTime ?? (_time.Now + NodeClock.UnixStart);
    }

    private void TakeBounds()
    {
        // Of many nodes a part each time.
        int step = Math.Max(_nodes.Length / MostBoundsAtATime, 1);
        for (int i = _boundsTaken++ % step; i < _nodes.Length; i += step)
        {
            Node node = _nodes[i];
            if (!node.IsRunning)
            {
                continue;
            }

            SharedRuleStatus promise = node.Promise;
            _bound = Math.Max(_bound, promise.Bound ?? 0);
            _isUnbounded |= promise is { IsCutOff: true, Bound: null };
        }

        _time.After(BoundsInterval, TakeBounds);
    }

    /// <summary>Utilisation of fixed windows is that of whole ones.</summary>
    private static long MeasuredFrom(Scenario scenario)
    {
        long from = scenario.MeasuredFrom.Ticks * 100;
        long window = scenario.Rule.NominalWindow.Ticks * 100;
        long aligned = ((from + NodeClock.UnixStart + window - 1) / window * window) - NodeClock.UnixStart;
        return scenario.Rule.Algorithm == RateLimitAlgorithm.FixedWindow ? aligned : from;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private TimeSpan NextArrival() =>
        TimeSpan.FromSeconds(-Math.Log(1 - _random.NextDouble()) / (_scenario.Demand * _scenario.Keys));

    private void Shift()
    {
        _hot = _random.Next(_nodes.Length);
        _time.After(_scenario.ShiftEvery, Shift);
    }

    private void Begin(Fault fault)
    {
        int[] befallen = fault.Kind == FaultKind.Outage ? [.. Enumerable.Range(0, _nodes.Length)]
            : fault.Node >= 0 ? [fault.Node]
            : Array.FindIndex(_nodes, OwnsAKey) is >= 0 and int owner ? [owner] : [0];
        foreach (int index in befallen)
        {
            Node node = _nodes[index];
            switch (fault.Kind)
            {
                case FaultKind.Kill:
                    node.Kill();
                    _time.After(fault.For, () => _nodes[index] = new Node(_time, _bus, _scenario, _random));
                    break;
                case FaultKind.Pause:
                    node.Pause();
                    _time.After(fault.For, node.Resume);
                    break;
                case FaultKind.Isolate:
                    node.Isolate(true);
                    _time.After(fault.For, () => node.Isolate(false));
                    break;
                default:
                    node.Connect(false);
                    _time.After(fault.For, () => node.Connect(true));
                    break;
            }
        }
    }

    /// <summary>Whether it owns a shard with keys in it.</summary>
    private static bool OwnsAKey(Node node) => node.IsRunning && node.Sharing.GetStatus().Shards.Any(s => s.IsOwned && s.Keys > 0);

    private Outcome Result()
    {
        RateLimitRule rule = _scenario.Rule;
        double seconds = _scenario.Duration.TotalSeconds;
        double inWindow = rule.Algorithm == RateLimitAlgorithm.TokenBucket ? rule.Capacity + rule.Limit : rule.Limit;
        long cost = Math.Max(rule.Cost, 1);
        double measured = Math.Max(seconds - (_measuredFrom / 1e9), 0);
        double windows = measured / rule.NominalWindow.TotalSeconds;
        double given = (rule.Algorithm == RateLimitAlgorithm.FixedWindow ? Math.Ceiling(windows) : windows) * rule.Limit * _keys.Length;
        int owners = Math.Max(_nodes.Count(n => n.IsRunning && n.Sharing.GetStatus().Shards.Any(s => s.IsOwned)), 1);
        long most = _conformance.Max(c => c.MostInWindow);
        return new Outcome
        {
            Scenario = _scenario,
            Offered = _offered,
            Admitted = _conformance.Sum(c => c.Admitted),
            MostInWindow = most,
            MaxWindowRatio = most / inWindow,
            MeanWindowRatio = _admittedWarm * cost / Math.Max(given, 1),
            RuleRatio = _conformance.Max(c => c.RuleRatio),
            Bound = _isUnbounded ? 0 : _bound,
            Utilization = _admittedWarm * cost / Math.Max(Math.Min(given, _offeredWarm * cost), 1),
            Rejected = (_offeredWarm - _admittedWarm) / Math.Max((double)_offeredWarm, 1),
            MessagesPerNodeAndSecond = _bus.Messages / seconds / _nodes.Length,
            ReportsPerOwnerAndSecond = _bus.Reports / seconds / owners,
            BytesPerNodeAndSecond = _bus.Bytes / seconds / _nodes.Length,
            Steps = _time.Steps,
            Trace = _trace,
        };
    }
}
