using System.Security.Cryptography;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Snapshots;

/// <summary>What a snapshot looks like in a stream.</summary>
/// <remarks>
/// All numbers are little-endian.
/// <code>
/// header     8   "meliquot"
///            4   version: 1
///           16   what a fixed text hashes to with the secret, so that another secret is told from damage
///            8   when the snapshot was made, as Unix time in ticks of 100 ns
/// block      4   its length in bytes, 1 to 65,536 ──┐ any number of blocks
///            …   rows, none of them split           ┘
/// end        4   0
///            8   the number of rows
///           32   HMAC-SHA256 of everything before, with the secret
///
/// row       16   hash of the key: low and high half; the lowest byte is the kind, a SlotKind other than Concurrency
///   bucket:  8   when it is full again, in units of 1/32 ns since the snapshot was made (as Unix time it would not fit)
///   window:  8   when it ends, as Unix time in milliseconds; of a sliding window, when it stops to count, one window later
///            8   the count in it
///   sliding window, also the same two numbers of a window before; 0 and 0 where there is none
/// </code>
/// Rows are in no order. A key that changed places while the snapshot was made may have two, of which the stricter counts.
/// </remarks>
internal static class SnapshotFormat
{
    public const int Version = 1;
    public const int HeaderLength = 36;
    public const int MaxBlockLength = 65_536;
    public const int ChecksumLength = 32;

    public static ReadOnlySpan<byte> Magic => "meliquot"u8;

    public static KeyHash SecretCheck(ReadOnlySpan<byte> secret) => new KeyHasher(secret).Hash("snapshot");

    public static IncrementalHash Checksum(ReadOnlySpan<byte> secret) => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
}
