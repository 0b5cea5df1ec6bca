using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Two bounded queues for one reader, who takes what is in the first one first. In each, the oldest makes room.</summary>
internal sealed class Lanes<T>
{
    private readonly Channel<T> _first;
    private readonly Channel<T> _second;
    private readonly Channel<bool> _signal =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <param name="capacity">Of each queue.</param>
    /// <param name="dropped">Called with what made room.</param>
    public Lanes(int capacity, Action<T> dropped)
    {
        BoundedChannelOptions options = new(capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true };
        _first = Channel.CreateBounded(options, dropped);
        _second = Channel.CreateBounded(options, dropped);
    }

    /// <summary>Adds an item; false if it is too late for that.</summary>
    public bool TryAdd(T item, bool isFirst)
    {
        bool isAdded = (isFirst ? _first : _second).Writer.TryWrite(item);
        _signal.Writer.TryWrite(true);
        return isAdded;
    }

    public bool TryTake([MaybeNullWhen(false)] out T item) => _first.Reader.TryRead(out item) || _second.Reader.TryRead(out item);

    /// <summary>Waits until there may be something to take; false if nothing more is to come.</summary>
    /// <exception cref="OperationCanceledException">It was told to stop.</exception>
    public async ValueTask<bool> WaitAsync(CancellationToken stop)
    {
        bool isOpen = await _signal.Reader.WaitToReadAsync(stop);
        _signal.Reader.TryRead(out _);
        return isOpen || _first.Reader.TryPeek(out _) || _second.Reader.TryPeek(out _);
    }

    /// <summary>Takes nothing more.</summary>
    public void Complete()
    {
        _first.Writer.TryComplete();
        _second.Writer.TryComplete();
        _signal.Writer.TryComplete();
    }
}
