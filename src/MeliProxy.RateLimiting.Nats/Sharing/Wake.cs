using System.Threading.Channels;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Wakes the one loop that waits for it; being woken several times before it waits counts once.</summary>
internal sealed class Wake(TimeProvider time)
{
    private readonly Channel<bool> _signal =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Set() => _signal.Writer.TryWrite(true);

    /// <summary>Waits to be woken, for a time at most.</summary>
    /// <exception cref="OperationCanceledException">It is to stop.</exception>
    public async Task WaitAsync(TimeSpan within, CancellationToken stop)
    {
        using CancellationTokenSource timeout = new(within, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        try
        {
            await _signal.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // The time is up, which is as good a reason to look as being woken.
        }
    }
}
