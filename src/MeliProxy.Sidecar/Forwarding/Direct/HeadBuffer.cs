using System.Buffers.Text;
using System.Text;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>A buffer for the head of a request, which grows as needed and is used again.</summary>
internal sealed class HeadBuffer
{
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(1024);
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Writes text whose characters are bytes (ISO 8859-1), as the server reads them.</summary>
    public void Write(ReadOnlySpan<char> text) => _length += Encoding.Latin1.GetBytes(text, Room(text.Length));

    public void Write(long number)
    {
        Utf8Formatter.TryFormat(number, Room(20), out int written);
        _length += written;
    }

    /// <summary>Room for at least so many bytes; <see cref="Advance"/> has to be told how many were written.</summary>
    public Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + length));
        }

        return _bytes.AsSpan(_length);
    }

    public void Advance(int length) => _length += length;
}
