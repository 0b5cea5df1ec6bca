namespace MeliProxy.RateLimiting.Keys;

/// <summary>IP addresses as 128 bits, IPv4 ones in their mapped form; read strictly and without allocating.</summary>
/// <remarks>
/// Forms that different programs read differently are refused: IPv4 with octal, hexadecimal or missing parts, and IPv6 with a zone
/// identifier, which means nothing outside the machine that wrote it.
/// </remarks>
internal static class AddressBits
{
    private const int GroupCount = 8;

    public static UInt128 MapIPv4(uint address) => new(0, 0xffff_0000_0000UL | address);

    public static bool IsMapped(UInt128 bits) => bits >> 32 == 0xffff;

    public static UInt128 Mask(int prefixLength) => prefixLength == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - prefixLength);

    /// <summary>Reads four decimal numbers without leading zeros, into the IPv4-mapped form.</summary>
    public static bool TryParseIPv4(ReadOnlySpan<char> text, out UInt128 bits)
    {
        bits = default;
        uint address = 0;
        int position = 0;
        for (int part = 0; part < 4; part++)
        {
            if (part > 0 && (position == text.Length || text[position++] != '.'))
            {
                return false;
            }

            int start = position;
            uint number = 0;
            while (position < text.Length && position - start < 3 && char.IsAsciiDigit(text[position]))
            {
                number = (number * 10) + (uint)(text[position++] - '0');
            }

            int digits = position - start;
            if (digits == 0 || number > 255 || (digits > 1 && text[start] == '0'))
            {
                return false;
            }

            address = (address << 8) | number;
        }

        bits = MapIPv4(address);
        return position == text.Length;
    }

    /// <summary>Reads the text forms of RFC 4291, section 2.2.</summary>
    public static bool TryParseIPv6(ReadOnlySpan<char> text, out UInt128 bits)
    {
        bits = default;
        UInt128 groups = default;
        int count = 0;
        int gapAt = -1;
        int position = 0;
        if (text.StartsWith("::"))
        {
            gapAt = 0;
            position = 2;
        }

        while (position < text.Length)
        {
            if (!TryReadGroup(text, ref position, ref groups, ref count))
            {
                return false;
            }

            if (position == text.Length)
            {
                break;
            }

            // A group is followed by ":" and another one, or by the one "::" that stands for zeros.
            if (text[position++] != ':' || position == text.Length)
            {
                return false;
            }

            if (text[position] == ':')
            {
                if (gapAt >= 0)
                {
                    return false;
                }

                gapAt = count;
                position++;
            }
        }

        if (gapAt < 0)
        {
            bits = groups;
            return count == GroupCount;
        }

        if (count >= GroupCount)
        {
            return false;
        }

        int bitsAfterGap = 16 * (count - gapAt);
        UInt128 after = groups & ~Mask(128 - bitsAfterGap);
        bits = gapAt == 0 ? after : ((groups >> bitsAfterGap) << (128 - (16 * gapAt))) | after;
        return true;
    }

    /// <summary>Reads one group of up to four hexadecimal digits, or the IPv4 address that may stand for the last two.</summary>
    private static bool TryReadGroup(ReadOnlySpan<char> text, ref int position, ref UInt128 groups, ref int count)
    {
        int start = position;
        uint group = 0;
        while (position < text.Length && position - start < 4 && char.IsAsciiHexDigit(text[position]))
        {
            group = (group << 4) | (uint)HexDigit(text[position++]);
        }

        if (position == start)
        {
            return false;
        }

        if (position < text.Length && text[position] == '.')
        {
            position = text.Length;
            count += 2;
            bool parsed = TryParseIPv4(text[start..], out UInt128 mapped);
            groups = (groups << 32) | (uint)mapped;
            return parsed && count <= GroupCount;
        }

        groups = (groups << 16) | group;
        return ++count <= GroupCount;
    }

    private static int HexDigit(char c) => c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}
