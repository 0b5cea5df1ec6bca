using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>One run of a scenario under one schedule. Exactly one strand runs at any moment, and only it calls in here.</summary>
internal sealed class Execution : IDisposable
{
    private const int MaxSteps = 20_000;

    private readonly Strand[] _strands;
    private readonly Schedule _schedule;
    private readonly SharedPlaces _places;
    private readonly Fault? _fault;
    private readonly StringBuilder? _log;
    private readonly List<int> _ready = [];
    private readonly bool[] _hasEnded;
    private readonly bool[] _spins;
    private readonly List<(int Strand, int Step)> _switches = [];
    private readonly ManualResetEventSlim _over = new();
    private Exception? _failure;
    private int _steps;

    public Execution(Strand[] strands, Schedule schedule, SharedPlaces places, Fault? fault, StringBuilder? log = null)
    {
        _strands = strands;
        _schedule = schedule;
        _places = places;
        _fault = fault;
        _log = log;
        _hasEnded = new bool[strands.Length];
        _spins = new bool[strands.Length];
    }

    /// <summary>Steps that can matter to other strands.</summary>
    public int Points { get; private set; }

    public string Switches => string.Join(' ', _switches.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Strand}@{s.Step}")));

    public void Run(Scenario scenario)
    {
        _places.Begin(scenario.Table);
        for (int i = 0; i < _strands.Length; i++)
        {
            _strands[i].Begin(this, scenario.Strands[i]);
        }

        SwitchTo(Choose(-1, isPoint: true));
        _over.Wait();
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }

        scenario.Check();
    }

    public void Step(Strand strand, nint address, bool isWrite, string name)
    {
        ThrowIfOver();
        long word = _places.WordAt(address);
        bool isPoint = _places.IsShared(strand.Number, word, name, isWrite);
        Points += isPoint ? 1 : 0;
        if (++_steps > MaxSteps)
        {
            throw new InvalidOperationException($"it does not end within {MaxSteps} steps");
        }

        GoOnOrWait(strand, Choose(strand.Number, isPoint));
        _log?.AppendLine(
            CultureInfo.InvariantCulture, $"{_steps,6} {new string(' ', 4 * strand.Number)}{strand.Number} {name}{(word < 0 ? "" : $" of slot {word / 4}")}");
    }

    /// <summary>Something that strands may wait for has happened.</summary>
    public void Wrote() => Array.Clear(_spins);

    public void Yield(Strand strand)
    {
        ThrowIfOver();
        _spins[strand.Number] = true;
        _steps++;
        int next = Choose(-1, isPoint: true);
        if (next < 0)
        {
            throw new InvalidOperationException("all strands wait for each other");
        }

        GoOnOrWait(strand, next);
    }

    public FaultKind FaultAt(string name, long value) => _fault?.Applies(name, value) == true ? _fault.Kind : FaultKind.None;

    public void ThrowIfOver()
    {
        if (_failure is not null)
        {
            throw new OperationCanceledException("another strand has failed");
        }
    }

    public void End(Strand strand, Exception? failure)
    {
        _failure ??= failure;
        _hasEnded[strand.Number] = true;
        _steps++;
        int next = _failure is null ? Choose(-1, isPoint: true) : Array.IndexOf(_hasEnded, false);
        if (next >= 0)
        {
            SwitchTo(next);
        }
        else if (_failure is null && Array.IndexOf(_hasEnded, false) is >= 0 and int waiting)
        {
            _failure = new InvalidOperationException("a strand waits for what no other will do");
            SwitchTo(waiting);
        }
        else
        {
            _over.Set();
        }
    }

    public void Dispose() => _over.Dispose();

    private int Choose(int current, bool isPoint)
    {
        _ready.Clear();
        for (int i = 0; i < _strands.Length; i++)
        {
            if (!_hasEnded[i] && !_spins[i])
            {
                _ready.Add(i);
            }
        }

        return _ready.Count == 0 ? -1 : _schedule.Choose(_steps, current, _ready, isPoint);
    }

    private void GoOnOrWait(Strand strand, int next)
    {
        if (next != strand.Number)
        {
            SwitchTo(next);
            strand.Pause();
            ThrowIfOver();
        }
    }

    private void SwitchTo(int strand)
    {
        _switches.Add((strand, _steps));
        _strands[strand].Resume();
    }
}
