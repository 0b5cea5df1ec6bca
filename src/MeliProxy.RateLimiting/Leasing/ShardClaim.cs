using System.Buffers.Binary;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What is written of a shard's owner.</summary>
/// <remarks>
/// <code>
/// 1  version: 1
/// 8  node that owns the shard; 0 if it was given up
/// 8  the owner's epoch; 0 in its first write, whose revision is the epoch
/// </code>
/// Each renewal has a later revision, which is how others see that the owner lives.
/// </remarks>
internal static class ShardClaim
{
    public const int Length = 1 + (2 * sizeof(ulong));

    private const byte Version = 1;

    public static byte[] Write(ulong node, ulong epoch)
    {
        byte[] value = new byte[Length];
        value[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(value.AsSpan(1), node);
        BinaryPrimitives.WriteUInt64LittleEndian(value.AsSpan(1 + sizeof(ulong)), epoch);
        return value;
    }

    /// <summary>The owner; 0 if there is none, or what is written is of no use.</summary>
    /// <param name="value">What is written.</param>
    /// <param name="revision">Its revision; 0 if nothing is.</param>
    /// <param name="epoch">The epoch that began with the owner; 0 if nothing is written.</param>
    public static ulong Read(ReadOnlySpan<byte> value, ulong revision, out ulong epoch)
    {
        epoch = revision;
        if (value.Length != Length || value[0] != Version)
        {
            return 0;
        }

        ulong written = BinaryPrimitives.ReadUInt64LittleEndian(value[(1 + sizeof(ulong))..]);
        epoch = written != 0 && written < revision ? written : revision;
        return BinaryPrimitives.ReadUInt64LittleEndian(value[1..]);
    }
}
