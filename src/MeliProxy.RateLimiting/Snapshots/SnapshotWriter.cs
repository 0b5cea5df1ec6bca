using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Snapshots;

/// <summary>Writes a snapshot to a stream, a block at a time; see <see cref="SnapshotFormat"/>.</summary>
internal sealed class SnapshotWriter : IDisposable
{
    private readonly Stream _stream;
    private readonly IncrementalHash _checksum;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(sizeof(int) + SnapshotFormat.MaxBlockLength);
    private int _blockLength;

    public SnapshotWriter(Stream stream, ReadOnlySpan<byte> secret, DateTimeOffset created)
    {
        _stream = stream;
        _checksum = SnapshotFormat.Checksum(secret);
        KeyHash check = SnapshotFormat.SecretCheck(secret);
        SnapshotFormat.Magic.CopyTo(_buffer);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(8), SnapshotFormat.Version);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(12), check.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(20), check.High);
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(28), (created - DateTimeOffset.UnixEpoch).Ticks);
        Write(_buffer.AsSpan(0, SnapshotFormat.HeaderLength));
    }

    public long Rows { get; private set; }

    public void Write(in SnapshotRow row)
    {
        if (_blockLength + SnapshotRow.MaxLength > SnapshotFormat.MaxBlockLength)
        {
            WriteBlock();
        }

        _blockLength += row.Write(_buffer.AsSpan(sizeof(int) + _blockLength));
        Rows++;
    }

    public void Complete()
    {
        if (_blockLength > 0)
        {
            WriteBlock();
        }

        BinaryPrimitives.WriteInt32LittleEndian(_buffer, 0);
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.AsSpan(sizeof(int)), Rows);
        Write(_buffer.AsSpan(0, sizeof(int) + sizeof(long)));
        Span<byte> checksum = stackalloc byte[SnapshotFormat.ChecksumLength];
        _checksum.GetHashAndReset(checksum);
        _stream.Write(checksum);
    }

    public void Dispose()
    {
        _checksum.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    private void WriteBlock()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer, _blockLength);
        Write(_buffer.AsSpan(0, sizeof(int) + _blockLength));
        _blockLength = 0;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _checksum.AppendData(bytes);
        _stream.Write(bytes);
    }
}
