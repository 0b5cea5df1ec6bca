using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.AspNetCore.ClientAddress;

/// <summary>The address by which a client is told apart: an IPv4 address, or an IPv6 address or network.</summary>
/// <remarks>IPv4-mapped IPv6 addresses are IPv4 addresses here. Zone identifiers are dropped.</remarks>
public readonly record struct ClientIp : ISpanFormattable
{
    private const int MaxTextLength = 43;
    private const int GroupCount = 8;

    private readonly UInt128 _bits;
    private readonly byte _prefixLength;

    /// <summary>Takes 128 bits, an IPv4 address being in its mapped form.</summary>
    internal ClientIp(UInt128 bits, int prefixLength = 128)
    {
        _prefixLength = AddressBits.IsMapped(bits) ? (byte)128 : (byte)prefixLength;
        _bits = bits & AddressBits.Mask(_prefixLength);
    }

    internal UInt128 Bits => _bits;

    internal bool IsIPv4 => _prefixLength == 128 && AddressBits.IsMapped(_bits);

    /// <summary>Formats as <c>203.0.113.7</c>, <c>2001:db8::1</c> (RFC 5952) or <c>2001:db8:1:2::/64</c>.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
    {
        Span<char> text = stackalloc char[MaxTextLength];
        return text[..Format(text)].ToString();
    }

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        if (destination.Length >= MaxTextLength)
        {
            charsWritten = Format(destination);
            return true;
        }

        Span<char> text = stackalloc char[MaxTextLength];
        int length = Format(text);
        bool fits = text[..length].TryCopyTo(destination);
        charsWritten = fits ? length : 0;
        return fits;
    }

    internal static ClientIp From(IPAddress address) => new(BitsOf(address));

    internal static UInt128 BitsOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return length == 4
            ? AddressBits.MapIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes))
            : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private int Format(Span<char> text)
    {
        int length = 0;
        if (IsIPv4)
        {
            uint address = (uint)_bits;
            for (int shift = 24; shift >= 0; shift -= 8)
            {
                Write(text, ref length, (byte)(address >> shift), default);
                if (shift > 0)
                {
                    text[length++] = '.';
                }
            }

            return length;
        }

        FormatGroups(text, ref length);
        if (_prefixLength < 128)
        {
            text[length++] = '/';
            Write(text, ref length, _prefixLength, default);
        }

        return length;
    }

    private void FormatGroups(Span<char> text, ref int length)
    {
        (int start, int end) = LongestZeroRun();
        for (int i = 0; i < GroupCount; i++)
        {
            if (i == start)
            {
                text[length++] = ':';
                text[length++] = ':';
                i = end - 1;
                continue;
            }

            if (i > 0 && i != end)
            {
                text[length++] = ':';
            }

            Write(text, ref length, Group(i), "x");
        }
    }

    /// <summary>The first of the longest runs of two or more zero groups; (-1, -1) if there is none.</summary>
    private (int Start, int End) LongestZeroRun()
    {
        (int start, int end) = (-1, -1);
        int longest = 1;
        for (int i = 0; i < GroupCount; i++)
        {
            int runStart = i;
            while (i < GroupCount && Group(i) == 0)
            {
                i++;
            }

            if (i - runStart > longest)
            {
                longest = i - runStart;
                (start, end) = (runStart, i);
            }
        }

        return (start, end);
    }

    private ushort Group(int index) => (ushort)(_bits >> (16 * (GroupCount - 1 - index)));

    private static void Write(Span<char> text, ref int length, ushort number, ReadOnlySpan<char> format)
    {
        number.TryFormat(text[length..], out int written, format, CultureInfo.InvariantCulture);
        length += written;
    }
}
