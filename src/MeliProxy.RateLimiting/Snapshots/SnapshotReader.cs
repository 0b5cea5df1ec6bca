using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Snapshots;

/// <summary>Reads a snapshot from a stream, a block at a time, and no byte beyond its end; see <see cref="SnapshotFormat"/>.</summary>
internal sealed class SnapshotReader : IDisposable
{
    private readonly Stream _stream;
    private readonly IncrementalHash _checksum;
    private readonly byte[] _block = ArrayPool<byte>.Shared.Rent(SnapshotFormat.MaxBlockLength);
    private int _blockLength;
    private int _position;
    private long _rows;

    /// <exception cref="InvalidDataException">It is not a snapshot that can be read here.</exception>
    public SnapshotReader(Stream stream, ReadOnlySpan<byte> secret)
    {
        _stream = stream;
        _checksum = SnapshotFormat.Checksum(secret);
        Created = ReadHeader(SnapshotFormat.SecretCheck(secret));
    }

    public DateTimeOffset Created { get; }

    /// <summary>Reads the next row; false at the end, if all that was read is as it was written.</summary>
    /// <exception cref="InvalidDataException">The snapshot is damaged.</exception>
    public bool TryRead(out SnapshotRow row)
    {
        row = default;
        if (_position == _blockLength && !TryReadBlock())
        {
            return false;
        }

        if (!SnapshotRow.TryRead(_block.AsSpan(_position, _blockLength - _position), out row, out int length, out string? error))
        {
            throw Damaged($"row {_rows + 1} {error}");
        }

        _position += length;
        _rows++;
        return true;
    }

    public void Dispose()
    {
        _checksum.Dispose();
        ArrayPool<byte>.Shared.Return(_block);
    }

    private DateTimeOffset ReadHeader(KeyHash secretCheck)
    {
        ReadOnlySpan<byte> header = Read(SnapshotFormat.HeaderLength);
        if (!header.StartsWith(SnapshotFormat.Magic))
        {
            throw new InvalidDataException("This is not a snapshot of a quota limiter: it does not begin like one.");
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        if (version != SnapshotFormat.Version)
        {
            throw new InvalidDataException(
                $"The snapshot is of version {version}, of another release; this one reads version {SnapshotFormat.Version} only.");
        }

        KeyHash check = new(BinaryPrimitives.ReadUInt64LittleEndian(header[12..]), BinaryPrimitives.ReadUInt64LittleEndian(header[20..]));
        if (check != secretCheck)
        {
            throw new InvalidDataException(
                "The snapshot was made with another HashSecret, so its keys mean nothing here. Use the secret that it was made with.");
        }

        long ticks = BinaryPrimitives.ReadInt64LittleEndian(header[28..]);
        return ticks >= 0 && ticks <= (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks
            ? DateTimeOffset.UnixEpoch.AddTicks(ticks)
            : throw Damaged("the time at which it was made is none");
    }

    private bool TryReadBlock()
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(Read(sizeof(int)));
        if (length is < 0 or > SnapshotFormat.MaxBlockLength)
        {
            throw Damaged($"there is a block of {length} bytes after row {_rows}");
        }

        if (length == 0)
        {
            ReadEnd();
            return false;
        }

        Read(length);
        _blockLength = length;
        _position = 0;
        return true;
    }

    private void ReadEnd()
    {
        long rows = BinaryPrimitives.ReadInt64LittleEndian(Read(sizeof(long)));
        Span<byte> expected = stackalloc byte[SnapshotFormat.ChecksumLength];
        _checksum.GetHashAndReset(expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, Read(SnapshotFormat.ChecksumLength)))
        {
            throw Damaged("its checksum is not that of its content");
        }

        if (rows != _rows)
        {
            throw Damaged($"it has {_rows} rows and says {rows}");
        }
    }

    private ReadOnlySpan<byte> Read(int length)
    {
        Span<byte> bytes = _block.AsSpan(0, length);
        if (_stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false) < length)
        {
            throw new InvalidDataException("The snapshot is cut off: its end is missing.");
        }

        _checksum.AppendData(bytes);
        return bytes;
    }

    private static InvalidDataException Damaged(string what) => new($"The snapshot is damaged: {what}.");
}
