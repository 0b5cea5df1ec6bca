using System.Buffers.Binary;
using System.Text;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Leasing.Messages;

/// <summary>Writes reports and answers; see <see cref="MessageFormat"/>.</summary>
internal ref struct MessageWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _countAt;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    public void WriteReportHeader(int shard, ulong node, ulong sequence, ulong epoch)
    {
        WriteStart(MessageFormat.Report, shard);
        WriteFixed(node);
        WriteNumber(sequence);
        WriteNumber(epoch);
    }

    public void WriteAnswerHeader(int shard, ulong epoch, ulong sequence, TimeSpan interval, int members)
    {
        WriteStart(MessageFormat.Answer, shard);
        WriteNumber(epoch);
        WriteNumber(sequence);
        WriteNumber((ulong)interval.TotalMilliseconds);
        WriteNumber((ulong)members);
    }

    /// <summary>Begins the keys of one limit.</summary>
    public void WriteTerms(LeaseTerms terms)
    {
        WriteByte((byte)terms.Algorithm);
        WriteNumber((ulong)terms.Limit);
        WriteNumber((ulong)(terms.Window.Ticks / TimeSpan.TicksPerMillisecond));
        WriteNumber((ulong)terms.Burst);
        WriteByte(terms.Calendar is { } calendar ? (byte)((int)calendar + 1) : (byte)0);
        string zone = terms.TimeZone ?? "";
        WriteByte((byte)zone.Length);
        Length += Encoding.ASCII.GetBytes(zone, _buffer[Length..]);
        WriteNumber((ulong)terms.Cost);
        _countAt = Length;
        WriteByte(0);
    }

    /// <summary>Adds a key under the last terms, of which there are at most <see cref="MessageFormat.MaxKeysPerSection"/>.</summary>
    public void Write(in ReportedKey key)
    {
        _buffer[_countAt]++;
        WriteHash(key.Hash);
        WriteNumber(key.Account);
        WriteNumber((ulong)key.Granted);
        WriteNumber((ulong)key.Allowed);
        WriteNumber((ulong)key.Spent);
        WriteNumber((ulong)key.Returned);
        WriteNumber((ulong)key.Wanted);
    }

    public void Write(in AnsweredKey key)
    {
        WriteHash(key.Hash);
        WriteNumber(key.Account);
        WriteNumber((ulong)key.Granted);
        WriteNumber((ulong)key.ValidMilliseconds);
        WriteNumber((ulong)key.Remaining);
        WriteNumber((ulong)key.ResetMilliseconds);
        WriteNumber((ulong)key.RetryMilliseconds);
    }

    private void WriteStart(byte type, int shard)
    {
        WriteByte(MessageFormat.Version);
        WriteByte(type);
        WriteByte((byte)shard);
    }

    private void WriteHash(in KeyHash hash)
    {
        WriteFixed(hash.Low);
        WriteFixed(hash.High);
    }

    private void WriteByte(byte value) => _buffer[Length++] = value;

    private void WriteFixed(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer[Length..], value);
        Length += sizeof(ulong);
    }

    /// <summary>Seven bits a byte, the lowest first, the eighth set if more follow (LEB128).</summary>
    private void WriteNumber(ulong value)
    {
        while (value >= 0x80)
        {
            WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        WriteByte((byte)value);
    }
}
