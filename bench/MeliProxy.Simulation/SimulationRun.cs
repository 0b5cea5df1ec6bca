using System.Globalization;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>Runs a scenario from its beginning to its end.</summary>
public sealed class SimulationRun
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

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

    private SimulationRun(Scenario scenario)
    {
        _scenario = scenario;
        _random = new Random(scenario.Seed);
        _bus = new Bus(_time, scenario, _random);
        _nodes = [.. Enumerable.Range(0, scenario.Nodes).Select(_ => new Node(_time, _bus, scenario, _random))];
        _keys = [.. Enumerable.Range(0, scenario.Keys).Select(k => $"key-{k.ToString(CultureInfo.InvariantCulture)}")];
        _conformance = [.. _keys.Select(_ => new Conformance(scenario.Rule))];
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

        _time.After(NextArrival(), Arrive);
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
        Node node = _nodes[_random.NextDouble() < _scenario.HotPart ? _hot : _random.Next(_nodes.Length)];
        bool isAdmitted = node.TryAdmit(_keys[key]);
        _offered++;
        bool isWarm = _time.Now >= WarmUp.Ticks * 100;
        _offeredWarm += isWarm ? 1 : 0;
        if (isAdmitted)
        {
            _conformance[key].Admit(_time.Now);
            _admittedWarm += isWarm ? 1 : 0;
        }
    }

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
        double inWindow = rule.Algorithm == RateLimitAlgorithm.TokenBucket
            ? rule.Capacity + (rule.Limit / rule.NominalWindow.TotalSeconds)
            : rule.Limit;
        double warm = (_scenario.Duration - WarmUp).TotalSeconds;
        double given = rule.Limit / rule.NominalWindow.TotalSeconds * warm * _keys.Length;
        int owners = Math.Max(_nodes.Count(n => n.IsRunning && n.Sharing.GetStatus().Shards.Any(s => s.IsOwned)), 1);
        return new Outcome
        {
            Scenario = _scenario,
            Offered = _offered,
            Admitted = _conformance.Sum(c => c.Admitted),
            MaxWindowRatio = _conformance.Max(c => c.MostInWindow) / inWindow,
            BurstRatio = rule.Algorithm == RateLimitAlgorithm.TokenBucket ? _conformance.Max(c => c.Burst) / rule.Capacity : 0,
            Utilization = rule.Algorithm == RateLimitAlgorithm.FixedWindow
                ? _conformance.Sum(c => c.Admitted) / Math.Min((double)rule.Limit * Math.Ceiling(seconds / rule.NominalWindow.TotalSeconds) * _keys.Length, _offered)
                : _admittedWarm / Math.Min(given, _offeredWarm),
            MessagesPerNodeAndSecond = _bus.Messages / seconds / _nodes.Length,
            ReportsPerOwnerAndSecond = _bus.Reports / seconds / owners,
            BytesPerNodeAndSecond = _bus.Bytes / seconds / _nodes.Length,
        };
    }
}
