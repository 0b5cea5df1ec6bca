using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>A thread of the machine that runs only while it is told to. Used again for many executions.</summary>
internal sealed class Strand : IDisposable
{
    [ThreadStatic]
    private static Strand? t_current;

    private readonly SemaphoreSlim _turn = new(0);
    private readonly Thread _thread;
    private Execution? _execution;
    private Action? _body;

    public Strand(int number)
    {
        Number = number;
        _thread = new Thread(Run) { IsBackground = true, Name = $"strand {number}" };
        _thread.Start();
    }

    /// <summary>The strand that this code runs on; null in what comes before and after.</summary>
    public static Strand? Current => t_current;

    public int Number { get; }

    public void Begin(Execution execution, Action body) => (_execution, _body) = (execution, body);

    /// <summary>Lets the strand go on.</summary>
    public void Resume() => _turn.Release();

    /// <summary>Waits for its turn.</summary>
    public void Pause() => _turn.Wait();

    /// <summary>Called before an access to memory that others may see.</summary>
    public unsafe void Step<T>(ref T location, bool isWrite, string name) =>
        _execution!.Step(this, (nint)Unsafe.AsPointer(ref Unsafe.As<T, byte>(ref location)), isWrite, name);

    public void Wrote() => _execution!.Wrote();

    public void Yield() => _execution!.Yield(this);

    public FaultKind FaultAt(string name, long value) => _execution!.FaultAt(name, value);

    /// <summary>Ends the thread, which has to be waiting for its next body.</summary>
    public void Dispose()
    {
        _body = null;
        Resume();
        _thread.Join();
        _turn.Dispose();
    }

    private void Run()
    {
        t_current = this;
        while (true)
        {
            Pause();
            if (_body is null)
            {
                return;
            }

            Exception? failure = null;
            try
            {
                _execution!.ThrowIfOver();
                _body();
            }
            catch (Exception e)
            {
                failure = e;
            }

            _body = null;
            _execution!.End(this, failure);
        }
    }
}
