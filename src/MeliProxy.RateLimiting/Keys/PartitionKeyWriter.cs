using System.Buffers;
using System.Globalization;

namespace MeliProxy.RateLimiting.Keys;

/// <summary>Takes the text of the parts of a partition key, without allocating.</summary>
/// <remarks>
/// A key is text: what is counted under a hash is what a person sees. Parts are kept apart by their lengths, so ("a", "bc") and
/// ("ab", "c") are different keys.
/// </remarks>
public ref struct PartitionKeyWriter
{
    /// <summary>The most characters that a key can have, with one more for each of its parts: 32,768.</summary>
    public const int MaxLength = 32_768;

    private Span<char> _buffer;
    private char[]? _rented;
    private int _length;
    private int _partStart;

    internal PartitionKeyWriter(Span<char> buffer)
    {
        _buffer = buffer;
        _rented = null;
        _length = 0;
        _partStart = 0;
    }

    internal readonly ReadOnlySpan<char> Written => _buffer[.._length];

    /// <summary>What can be written without growing, besides the length of the part.</summary>
    private readonly int Room => _buffer.Length - _length - 1;

    /// <summary>Adds text to the part.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidOperationException">The key becomes longer than <see cref="MaxLength"/>.</exception>
    public void Append(scoped ReadOnlySpan<char> text)
    {
        if (text.Length > Room)
        {
            Grow(text.Length);
        }

        text.CopyTo(_buffer[_length..]);
        _length += text.Length;
    }

    /// <summary>Adds a value in the invariant culture's format.</summary>
    /// <typeparam name="T">A number, GUID, IP address or anything else that can format itself into a span.</typeparam>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">The key becomes longer than <see cref="MaxLength"/>.</exception>
    public void Append<T>(T value)
        where T : ISpanFormattable
    {
        int written;
        while (!value.TryFormat(_buffer.Slice(_length, Room), out written, default, CultureInfo.InvariantCulture))
        {
            Grow(Room + 1);
        }

        _length += written;
    }

    internal void BeginPart()
    {
        _partStart = _length;
        if (Room < 0)
        {
            Grow(0);
        }
    }

    /// <summary>Ends a part with its length; one that is missing is left empty.</summary>
    internal void EndPart(bool present)
    {
        if (!present)
        {
            _length = _partStart;
        }

        // No part is longer than MaxLength, so its length fits the character that is kept free for it.
        _buffer[_length] = (char)(_length - _partStart);
        _length++;
    }

    internal void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<char>.Shared.Return(_rented);
            _rented = null;
        }
    }

    private void Grow(int extra)
    {
        int needed = checked(_length + extra + 1);
        if (needed > MaxLength)
        {
            throw new InvalidOperationException($"a partition key has at most {MaxLength} characters");
        }

        char[] larger = ArrayPool<char>.Shared.Rent(Math.Max(needed, Math.Min(_buffer.Length * 2, MaxLength)));
        _buffer[.._length].CopyTo(larger);
        Dispose();
        _rented = larger;
        _buffer = larger.AsSpan(0, Math.Min(larger.Length, MaxLength));
    }
}
