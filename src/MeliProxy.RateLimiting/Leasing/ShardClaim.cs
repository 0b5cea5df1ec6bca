using System.Buffers.Binary;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What is written of a shard's owner.</summary>
/// <remarks>
/// <code>
/// 1  version: 1
/// 8  node that owns the shard; 0 if it was given up
/// </code>
/// The revision of the first write is the owner's epoch; each renewal has a later one, which is how others see that it lives.
/// </remarks>
internal static class ShardClaim
{
    public const int Length = 1 + sizeof(ulong);

    private const byte Version = 1;

    public static byte[] Write(ulong node)
    {
        byte[] value = new byte[Length];
        value[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(value.AsSpan(1), node);
        return value;
    }

    /// <summary>The owner; 0 if there is none, or what is written is of no use.</summary>
    public static ulong Read(ReadOnlySpan<byte> value) =>
        value.Length == Length && value[0] == Version ? BinaryPrimitives.ReadUInt64LittleEndian(value[1..]) : 0;
}
