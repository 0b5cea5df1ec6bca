using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Snapshots;

/// <summary>One key in a snapshot; see <see cref="SnapshotFormat"/>.</summary>
/// <param name="Hash">The key.</param>
/// <param name="End">Buckets: when it is full, in units since the snapshot was made. Windows: when it ends, in Unix milliseconds.</param>
/// <param name="Count">Windows only.</param>
/// <param name="PreviousEnd">Sliding windows only.</param>
/// <param name="PreviousCount">Sliding windows only.</param>
internal readonly record struct SnapshotRow(KeyHash Hash, long End, long Count = 0, long PreviousEnd = 0, long PreviousCount = 0)
{
    public const int MaxLength = 48;

    private static readonly long LatestEnd = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Writes the row; returns its length.</summary>
    public int Write(Span<byte> destination)
    {
        int length = LengthOf(Hash.Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Hash.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Hash.High);
        ReadOnlySpan<long> numbers = [End, Count, PreviousEnd, PreviousCount];
        for (int at = 16; at < length; at += sizeof(long))
        {
            BinaryPrimitives.WriteInt64LittleEndian(destination[at..], numbers[(at - 16) / sizeof(long)]);
        }

        return length;
    }

    /// <summary>Reads the row at the start of <paramref name="source"/>; false, and what is wrong, if there is none that makes sense.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out SnapshotRow row, out int length, [NotNullWhen(false)] out string? error)
    {
        row = default;
        length = source.IsEmpty ? 0 : LengthOf((SlotKind)source[0]);
        if (length == 0)
        {
            error = source.IsEmpty ? "is missing" : $"is of the unknown kind {source[0]}";
            return false;
        }

        if (source.Length < length)
        {
            error = "is cut off";
            return false;
        }

        Span<long> numbers = [0, 0, 0, 0];
        for (int at = 16; at < length; at += sizeof(long))
        {
            numbers[(at - 16) / sizeof(long)] = BinaryPrimitives.ReadInt64LittleEndian(source[at..]);
        }

        KeyHash hash = new(BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadUInt64LittleEndian(source[8..]));
        row = new SnapshotRow(hash, numbers[0], numbers[1], numbers[2], numbers[3]);
        error = row.IsInRange() ? null : "has numbers out of their range";
        return error is null;
    }

    private bool IsInRange()
    {
        if (Hash.Kind == SlotKind.TokenBucket)
        {
            return End > 0;
        }

        long maxCount = WindowLayout.Of(Hash.Kind).MaxCount;
        return End > 0 && End <= LatestEnd
            && Count >= 0 && Count <= maxCount
            && PreviousEnd >= 0 && PreviousEnd < End
            && PreviousCount >= 0 && PreviousCount <= maxCount;
    }

    /// <summary>The length of a row; 0 for kinds that are not in snapshots.</summary>
    private static int LengthOf(SlotKind kind) => kind switch
    {
        SlotKind.TokenBucket => 24,
        >= SlotKind.WindowOfMilliseconds and <= SlotKind.WindowOfHours => 32,
        _ => QuotaTable.IsSliding(kind) ? MaxLength : 0,
    };
}
