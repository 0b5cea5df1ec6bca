using System.Buffers;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>A copy of some bytes in a buffer of the shared pool, to be given back once.</summary>
internal readonly struct PooledBytes
{
    private readonly byte[] _buffer;
    private readonly int _length;

    public PooledBytes(ReadOnlySpan<byte> bytes)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(bytes.Length);
        _length = bytes.Length;
        bytes.CopyTo(_buffer);
    }

    public PooledBytes(in ReadOnlySequence<byte> bytes)
    {
        _length = (int)bytes.Length;
        _buffer = ArrayPool<byte>.Shared.Rent(_length);
        bytes.CopyTo(_buffer);
    }

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, _length);

    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, _length);

    public void Return() => ArrayPool<byte>.Shared.Return(_buffer);
}
