using System.Threading.Tasks.Sources;

namespace MeliProxy.Sidecar.Tests.Forwarding.Direct;

/// <summary>An upstream's end of a connection that answers each request at once, and allocates nothing while it does.</summary>
internal sealed class ScriptedStream(ReadOnlyMemory<byte> answer) : Stream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _reading;
    private Memory<byte> _into;
    private bool _isRead;

    /// <summary>What was sent to it.</summary>
    public MemoryStream Sent { get; } = new();

    public bool IsClosed { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _reading.Reset();
        _into = buffer;
        _isRead = true;
        return new ValueTask<int>(this, _reading.Version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Sent.Write(buffer.Span);
        if (_isRead)
        {
            _isRead = false;
            answer.CopyTo(_into);
            _reading.SetResult(answer.Length);
        }

        return ValueTask.CompletedTask;
    }

    public int GetResult(short token) => _reading.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _reading.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _reading.OnCompleted(continuation, state, token, flags);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (!IsClosed)
        {
            IsClosed = true;
            if (_isRead)
            {
                _isRead = false;
                _reading.SetException(new IOException("closed"));
            }
        }

        base.Dispose(disposing);
    }
}
