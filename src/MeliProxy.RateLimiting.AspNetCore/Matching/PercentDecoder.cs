using System.Buffers;
using System.Text;

namespace MeliProxy.RateLimiting.AspNetCore.Matching;

/// <summary>Decodes percent-escapes until none that can be decoded is left, in one pass over the text.</summary>
/// <remarks>
/// What is decoded may complete another escape, as in <c>%2541</c>, which stands for <c>%41</c> and so for <c>A</c>. After each character
/// the end of the output is looked at: if an escape ends there, it is decoded in place. Nothing before the end can be decoded then, so the
/// result is a fixed point, and the work is linear however deeply escapes are nested.
/// </remarks>
internal ref struct PercentDecoder
{
    private const int EscapeLength = 3;
    private const int MaxUtf8Length = 4;

    private readonly Span<char> _output;
    private int _length;

    /// <summary>Decodes into <paramref name="output"/>, which has to have room for all that is appended.</summary>
    public PercentDecoder(Span<char> output) => _output = output;

    public readonly Span<char> Written => _output[.._length];

    public void Append(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            _output[_length++] = c;
            while (EndsWithEscape(_length, out byte value) && TryDecodeEnd(value))
            {
            }
        }
    }

    /// <summary>Decodes the escape at the end; false if nothing more can follow from it.</summary>
    private bool TryDecodeEnd(byte value)
    {
        if (value < 0x80)
        {
            _length -= EscapeLength;
            _output[_length++] = (char)value;
            return true;
        }

        // Two spellings of one escape are one.
        _output[_length - 2] = char.ToUpperInvariant(_output[_length - 2]);
        _output[_length - 1] = char.ToUpperInvariant(_output[_length - 1]);
        DecodeUtf8End(value);
        return false;
    }

    /// <summary>Decodes the escapes at the end if together they are the UTF-8 form of one character outside ASCII.</summary>
    private void DecodeUtf8End(byte last)
    {
        Span<byte> bytes = stackalloc byte[MaxUtf8Length];
        bytes[^1] = last;
        int count = 1;
        while (IsContinuation(bytes[^count]))
        {
            if (count == MaxUtf8Length || !EndsWithEscape(_length - (EscapeLength * count), out byte previous))
            {
                return;
            }

            bytes[^++count] = previous;
        }

        OperationStatus status = Rune.DecodeFromUtf8(bytes[^count..], out Rune rune, out int consumed);
        if (status == OperationStatus.Done && consumed == count)
        {
            _length -= EscapeLength * count;
            _length += rune.EncodeToUtf16(_output[_length..]);
        }
    }

    private static bool IsContinuation(byte value) => (value & 0xc0) == 0x80;

    private readonly bool EndsWithEscape(int length, out byte value)
    {
        value = 0;
        if (length < EscapeLength || _output[length - EscapeLength] != '%')
        {
            return false;
        }

        char high = _output[length - 2];
        char low = _output[length - 1];
        if (!char.IsAsciiHexDigit(high) || !char.IsAsciiHexDigit(low))
        {
            return false;
        }

        value = (byte)((HexDigit(high) << 4) | HexDigit(low));
        return true;
    }

    private static int HexDigit(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
