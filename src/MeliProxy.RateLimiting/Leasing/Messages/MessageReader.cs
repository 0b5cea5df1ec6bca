using System.Buffers.Binary;
using System.Text;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Leasing.Messages;

/// <summary>Reads reports and answers, which may be anything: after the first thing that cannot be, <see cref="IsBad"/> is set and all is zero.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    public bool IsBad { get; private set; }

    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Whether it begins as a message of a type for a shard; sets <see cref="IsBad"/> if not.</summary>
    public int ReadStart(byte type)
    {
        IsBad |= ReadByte() != MessageFormat.Version;
        IsBad |= ReadByte() != type;
        int shard = ReadByte();
        IsBad |= shard >= QuotaSharing.ShardCount;
        return IsBad ? 0 : shard;
    }

    /// <summary>Reads the terms of a section and the number of its keys.</summary>
    public LeaseTerms ReadTerms(out int count)
    {
        RateLimitAlgorithm algorithm = (RateLimitAlgorithm)ReadByte();
        long limit = ReadCount();
        long window = ReadCount();
        long burst = ReadCount();
        byte calendar = ReadByte();
        string? zone = ReadText();
        long cost = ReadCount();
        count = ReadByte();
        IsBad |= window > RateLimitRule.MaxWindow.TotalMilliseconds;
        return new LeaseTerms(
            algorithm,
            limit,
            TimeSpan.FromMilliseconds(IsBad ? 0 : window),
            burst,
            calendar == 0 ? null : (CalendarPeriod)(calendar - 1),
            zone,
            cost);
    }

    public ReportedKey ReadReportedKey() =>
        new(ReadHash(), ReadNumber(), ReadCount(), ReadCount(), ReadCount(), ReadCount(), ReadCount());

    public AnsweredKey ReadAnsweredKey() =>
        new(ReadHash(), ReadNumber(), ReadCount(), ReadCount(), ReadCount(), ReadCount(), ReadCount());

    public ulong ReadFixed()
    {
        if (IsBad || _rest.Length < sizeof(ulong))
        {
            return Fail();
        }

        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(_rest);
        _rest = _rest[sizeof(ulong)..];
        return value;
    }

    public ulong ReadNumber()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                // A tenth byte has one bit's room.
                return shift == 63 && next > 1 ? Fail() : value;
            }
        }

        return Fail();
    }

    /// <summary>Reads a number of permits or milliseconds, of which nothing has more than fits in 60 bits.</summary>
    public long ReadCount()
    {
        ulong value = ReadNumber();
        return value < 1UL << 60 ? (long)value : (long)Fail();
    }

    private KeyHash ReadHash() => new(ReadFixed(), ReadFixed());

    private string? ReadText()
    {
        int length = ReadByte();
        if (IsBad || length > MessageFormat.MaxTimeZoneLength || _rest.Length < length)
        {
            Fail();
            return null;
        }

        string? text = length == 0 ? null : Encoding.ASCII.GetString(_rest[..length]);
        _rest = _rest[length..];
        return text;
    }

    private byte ReadByte()
    {
        if (IsBad || _rest.IsEmpty)
        {
            return (byte)Fail();
        }

        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    private ulong Fail()
    {
        IsBad = true;
        _rest = default;
        return 0;
    }
}
