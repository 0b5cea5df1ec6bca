using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.ControlBench;

/// <summary>One sidecar as its clients see it: a steady load, a look at the limit, and a count that is known.</summary>
public sealed class Target : IDisposable
{
    private static readonly TimeSpan LoadInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly RuleClient _load;
    private readonly RuleClient _look;
    private readonly RuleClient _count;

    /// <summary>Prepares connections.</summary>
    /// <param name="proxy">The sidecar.</param>
    /// <param name="changed">The rule that is changed.</param>
    /// <param name="untouched">The rule that is not.</param>
    public Target(Proxy proxy, BenchRule changed, BenchRule untouched)
    {
        _load = new RuleClient(proxy.Listen, changed);
        _look = new RuleClient(proxy.Listen, changed);
        _count = new RuleClient(proxy.Listen, untouched);
    }

    /// <summary>Requests that were made.</summary>
    public int Requests => _load.Requests + _look.Requests + _count.Requests;

    /// <summary>Requests that were not answered, or by anything other than the upstream.</summary>
    public int Failed => _load.Failed + _look.Failed + _count.Failed;

    /// <summary>How long answers of the steady load took, in ms.</summary>
    public IReadOnlyList<double> LoadTimes => _load.Times;

    /// <summary>Makes requests at a steady pace.</summary>
    public async Task LoadAsync(CancellationToken end)
    {
        using PeriodicTimer pace = new(LoadInterval);
        try
        {
            while (await pace.WaitForNextTickAsync(end))
            {
                await _load.AskAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    /// <summary>Looks again and again until an answer has the limit, and gives the time when it had come.</summary>
    public async Task<long> SeeLimitAsync(int limit)
    {
        long end = Clock.Now + (long)Patience.TotalNanoseconds;
        while (true)
        {
            await _look.AskAsync();
            long now = Clock.Now;
            if (_look.Limit == limit)
            {
                return now;
            }

            if (now > end)
            {
                throw new InvalidOperationException($"the limit of {limit} is not in force after {Patience}, but {_look.Limit}");
            }

            await Task.Delay(LookInterval);
        }
    }

    /// <summary>Makes one request of the rule that is not changed.</summary>
    public Task CountAsync() => _count.AskAsync();

    /// <summary>Whether both rules have counted all requests that were made, and no others.</summary>
    public async Task<bool> HasKeptCountsAsync()
    {
        await _look.AskAsync();
        await _count.AskAsync();
        return _look.Limit - _look.Remaining == _load.Requests + _look.Requests && _count.Limit - _count.Remaining == _count.Requests;
    }

    public void Dispose()
    {
        _load.Dispose();
        _look.Dispose();
        _count.Dispose();
    }
}
