using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using MeliProxy.Sidecar.Transport;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>A connection to an upstream, with all that an exchange over it needs. One exchange uses it at a time.</summary>
/// <remarks>
/// Its only other user is the pool's <see cref="UpstreamPool.Sweep"/>, which may break off an exchange that stands still or whose client has
/// left. Which of the two ends the exchange is settled by <c>_use</c>: even while idle, odd in use, negative once broken off.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Closed by its pool; a source without a timer holds nothing.")]
internal sealed class UpstreamConnection
{
    private const int SmallBuffer = 16 * 1024;
    private const int LargeBuffer = 64 * 1024;
    private const int BreakingOff = -1;
    private const int BrokenOff = -2;

    private readonly UpstreamPool _pool;
    private readonly Stream _stream;
    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(SmallBuffer);
    private byte[]? _large;
    private int _start;
    private int _end;
    private ValueTask<int> _reading;
    private bool _isReading;
    private int _use;
    private int _breaker;
    private long _movedAt;
    private HttpContext? _context;
    private CancellationToken _clientLeft;
    private long _patience;
    private PipeReader? _body;
    private bool _awaitsClient;

    public UpstreamConnection(UpstreamPool pool, Stream stream)
    {
        _pool = pool;
        _stream = stream;
        BornAt = pool.Now;
        _movedAt = BornAt;
    }

    /// <summary>Its place in the pool, from 1.</summary>
    public int Number { get; set; }

    /// <summary>The number of the idle connection below it; 0 if there is none.</summary>
    public int Below { get; set; }

    /// <summary>Whether an exchange has been over it before.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>The request's head is written here.</summary>
    public HeadBuffer Out { get; } = new();

    /// <summary>The head of the answer.</summary>
    public ResponseHead Head { get; } = new();

    /// <summary>Takes the answer out of chunks.</summary>
    public ChunkedDecoder Chunks { get; } = new();

    /// <summary>Whether the head of the answer has been read, and may have been handed on.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Why it was broken off by someone else, if it was.</summary>
    public UpstreamFault? BrokenOffBy { get; private set; }

    /// <summary>When it was made, in ticks of the pool.</summary>
    public long BornAt { get; }

    /// <summary>When something moved last, in ticks of the pool.</summary>
    public long MovedAt => Volatile.Read(ref _movedAt);

    public bool IsIdle => (Volatile.Read(ref _use) & 1) == 0;

    private byte[] In => _large ?? _small;

    /// <summary>What has been read and not consumed.</summary>
    public Memory<byte> Unread => In.AsMemory(_start, _end - _start);

    /// <summary>Begins an exchange.</summary>
    /// <param name="context">The request.</param>
    /// <param name="patience">How many ticks it may stand still.</param>
    /// <param name="clientLeft">Cancelled when its client has left.</param>
    public void Begin(HttpContext context, long patience, CancellationToken clientLeft)
    {
        _context = context;
        _clientLeft = clientLeft;
        _patience = patience;
        _start = 0;
        _end = 0;
        IsAnswered = false;
        HasStoppedSending = false;
        Move();
        Volatile.Write(ref _use, _use + 1);
    }

    /// <summary>Something has moved.</summary>
    public void Move() => Volatile.Write(ref _movedAt, _pool.Now);

    /// <summary>Ends an exchange.</summary>
    /// <returns><see langword="false"/> if it was broken off; then the connection is closed.</returns>
    public bool TryEnd()
    {
        int use = _use;
        bool ended = use > 0 && Interlocked.CompareExchange(ref _use, use + 1, use) == use;
        if (!ended)
        {
            // Whoever breaks it off may still be at it, with the client's request in hand, which is not to be another by then. What is waited for
            // is one call; unless this was called from within that call, because the exchange went on and ended there.
            SpinWait spin = default;
            while (Volatile.Read(ref _use) == BreakingOff && Volatile.Read(ref _breaker) != Environment.CurrentManagedThreadId)
            {
                spin.SpinOnce();
            }
        }

        IsUsed = true;
        _context = null;
        _body = null;
        _clientLeft = default;
        return ended;
    }

    /// <summary>Gives a large buffer back. Only after a clean end: else a read may still be writing to it.</summary>
    public void GiveBackBuffer()
    {
        if (_large is { } large)
        {
            _large = null;
            ArrayPool<byte>.Shared.Return(large);
        }
    }

    /// <summary>Breaks the exchange off if it stands still for too long or its client has left.</summary>
    public void BreakOffIfDue(long now)
    {
        int use = Volatile.Read(ref _use);
        if ((use & 1) == 0 || use < 0)
        {
            return;
        }

        UpstreamFault? fault = now - MovedAt > _patience ? (AwaitsClient && !IsAnswered ? UpstreamFault.RequestBodyStalled : UpstreamFault.TimedOut)
            : _clientLeft.IsCancellationRequested ? UpstreamFault.ClientLeft
            : null;
        if (fault is null || Interlocked.CompareExchange(ref _use, BreakingOff, use) != use)
        {
            return;
        }

        BrokenOffBy = fault;
        Volatile.Write(ref _breaker, Environment.CurrentManagedThreadId);
        if (fault is UpstreamFault.TimedOut or UpstreamFault.RequestBodyStalled && _context is { Response.HasStarted: true } context)
        {
            // It may stand still because the client takes nothing; only this ends that.
            context.Abort();
        }

        Volatile.Write(ref _use, BrokenOff);
        Close();
    }

    /// <summary>Begins to read before the request is sent, when nothing can come but the end of the connection or what nobody asked for.</summary>
    /// <returns>Whether that has come.</returns>
    /// <param name="mustKnow">Whether it has to be asked, rather than believed to be open until it says otherwise.</param>
    public bool BeginReading(bool mustKnow)
    {
        if (mustKnow)
        {
            (_stream as IProbedStream)?.Probe();
        }

#pragma warning disable CA2012 // ReadAsync hands it on, once.
        _reading = _stream.ReadAsync(In.AsMemory(_end));
#pragma warning restore CA2012
        _isReading = true;
        return _reading.IsCompleted;
    }

    /// <summary>Reads more after what is unread. <see cref="Received"/> has to be told what came of it.</summary>
    public ValueTask<int> ReadAsync()
    {
        if (_isReading)
        {
            _isReading = false;
            return _reading;
        }

        if (_start == _end)
        {
            _start = 0;
            _end = 0;
        }
        else if (_end == In.Length)
        {
            Unread.CopyTo(In);
            _end -= _start;
            _start = 0;
        }

        return _stream.ReadAsync(In.AsMemory(_end));
    }

    public void Received(int bytes)
    {
        _end += bytes;
        Move();
    }

    public void Consume(int bytes) => _start += bytes;

    /// <summary>Reads more of a body once all before it is consumed; in larger parts if there seems to be much of it.</summary>
    public ValueTask<int> ReadMoreAsync()
    {
        if (_large is null && _start == _end && _end == In.Length)
        {
            UseLargeBuffer();
        }

        return ReadAsync();
    }

    /// <summary>Makes sure that there is room to read more.</summary>
    /// <returns><see langword="false"/> if as much is unread as is taken at all.</returns>
    public bool MakeRoom()
    {
        if (_start > 0 || _end < In.Length)
        {
            return true;
        }

        if (_large is not null)
        {
            return false;
        }

        UseLargeBuffer();
        return true;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes);

    /// <summary>Begins to send a body.</summary>
    public void BeginSending(PipeReader body) => _body = body;

    /// <summary>Whether a part of the request's body may not have been sent.</summary>
    public bool HasStoppedSending { get; private set; }

    /// <summary>Whether it is the client that has to send more of its request before anything moves.</summary>
    public bool AwaitsClient
    {
        get => Volatile.Read(ref _awaitsClient);
        set => Volatile.Write(ref _awaitsClient, value);
    }

    /// <summary>Ends the waiting for more of the client's request.</summary>
    public void StopSending()
    {
        HasStoppedSending = true;
        _body?.CancelPendingRead();
    }

    /// <summary>Closes it. What is being read or written fails.</summary>
    public void Close() => _stream.Dispose();

    private void UseLargeBuffer()
    {
        byte[] large = ArrayPool<byte>.Shared.Rent(LargeBuffer);
        Unread.CopyTo(large);
        _end -= _start;
        _start = 0;
        _large = large;
    }
}
