namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Finds out whether one kind of operations does nothing but fail. May be called by any thread.</summary>
internal sealed class FailureWatch(TimeProvider time)
{
    private const int Enough = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private long _since;
    private int _failures;

    public void Succeeded()
    {
        if (Volatile.Read(ref _failures) > 0)
        {
            lock (_gate)
            {
                _failures = 0;
            }
        }
    }

    /// <summary>Counts a failure; whether there was nothing else for some seconds. Then it begins anew.</summary>
    public bool Failed()
    {
        lock (_gate)
        {
            if (_failures++ == 0)
            {
                _since = time.GetTimestamp();
            }

            if (_failures < Enough || time.GetElapsedTime(_since) < Patience)
            {
                return false;
            }

            _failures = 0;
            return true;
        }
    }
}
