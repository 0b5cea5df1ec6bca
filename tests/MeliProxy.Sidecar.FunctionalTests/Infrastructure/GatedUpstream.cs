using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>An upstream that answers a request when the test says so, and knows how many it is serving.</summary>
public sealed class GatedUpstream : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _arrivals = new();
    private readonly SemaphoreSlim _gate = new(0);
    private int _inFlight;
    private int _most;

    private GatedUpstream()
    {
    }

    public TestUpstream Server { get; private set; } = null!;

    /// <summary>What was asked for, in order of arrival.</summary>
    public IReadOnlyCollection<string> Arrivals => _arrivals;

    /// <summary>Requests being served now.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>The most requests that were served at a time.</summary>
    public int Most => Volatile.Read(ref _most);

    public static async Task<GatedUpstream> StartAsync()
    {
        GatedUpstream upstream = new();
        upstream.Server = await TestUpstream.StartAsync(upstream.ServeAsync);
        return upstream;
    }

    /// <summary>Lets so many requests be answered.</summary>
    public void Answer(int requests) => _gate.Release(requests);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _gate.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        int now = Interlocked.Increment(ref _inFlight);
        int most;
        while ((most = Most) < now)
        {
            Interlocked.CompareExchange(ref _most, now, most);
        }

        _arrivals.Enqueue(context.Request.Path);
        try
        {
            await _gate.WaitAsync(context.RequestAborted);
            if (context.Request.Path == "/fail")
            {
                context.Abort();
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever asked has gone.
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }
}
