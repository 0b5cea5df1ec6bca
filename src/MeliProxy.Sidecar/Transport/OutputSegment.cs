using System.Buffers;

namespace MeliProxy.Sidecar.Transport;

/// <summary>A buffer of what is to be sent.</summary>
internal sealed class OutputSegment
{
    private byte[] _buffer = [];
    private int _start;
    private int _end;

    public OutputSegment? Next { get; set; }

    public bool IsEmpty => _start == _end;

    public int Length => _end - _start;

    public int RoomLength => _buffer.Length - _end;

    public Memory<byte> Room => _buffer.AsMemory(_end);

    public ReadOnlySpan<byte> Unsent => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Takes a buffer.</summary>
    public void Begin(int size)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(size);
        _start = 0;
        _end = 0;
        Next = null;
    }

    public void Add(int written) => _end += written;

    public void Sent(int sent) => _start += sent;

    /// <summary>Gives the buffer back.</summary>
    public void Finish()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = 0;
        _end = 0;
    }
}
