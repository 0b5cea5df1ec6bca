using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MeliProxy.RateLimiting.Keys;

/// <summary>
/// SipHash with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012). Without the secret nobody can choose
/// keys that collide.
/// </summary>
/// <remarks>One compression and three finalization rounds, the variant chosen for hash tables by Rust and others.</remarks>
internal readonly struct KeyHasher
{
    private readonly ulong _key0;
    private readonly ulong _key1;

    public KeyHasher(ulong key0, ulong key1)
    {
        _key0 = key0;
        _key1 = key1;
    }

    public KeyHasher(ReadOnlySpan<byte> secret)
        : this(BinaryPrimitives.ReadUInt64LittleEndian(secret), BinaryPrimitives.ReadUInt64LittleEndian(secret[8..]))
    {
    }

    public KeyHash Hash(ReadOnlySpan<char> text) => Hash(MemoryMarshal.AsBytes(text), 1, 3);

    /// <summary>The general form; the paper's own test vectors are for 2 and 4 rounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal KeyHash Hash(ReadOnlySpan<byte> data, int compressionRounds, int finalizationRounds)
    {
        ulong v0 = 0x736f6d6570736575UL ^ _key0;
        ulong v1 = 0x646f72616e646f6dUL ^ _key1 ^ 0xee;
        ulong v2 = 0x6c7967656e657261UL ^ _key0;
        ulong v3 = 0x7465646279746573UL ^ _key1;

        ulong last = (ulong)data.Length << 56;
        while (data.Length >= sizeof(ulong))
        {
            ulong block = BinaryPrimitives.ReadUInt64LittleEndian(data);
            v3 ^= block;
            Rounds(compressionRounds, ref v0, ref v1, ref v2, ref v3);
            v0 ^= block;
            data = data[sizeof(ulong)..];
        }

        for (int i = 0; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        v3 ^= last;
        Rounds(compressionRounds, ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;

        v2 ^= 0xee;
        Rounds(finalizationRounds, ref v0, ref v1, ref v2, ref v3);
        ulong low = v0 ^ v1 ^ v2 ^ v3;
        v1 ^= 0xdd;
        Rounds(finalizationRounds, ref v0, ref v1, ref v2, ref v3);
        return new KeyHash(low, v0 ^ v1 ^ v2 ^ v3);
    }

    /// <summary>One to four rounds. Straight-line, since the counts are constants where this is inlined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rounds(int count, ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        Round(ref v0, ref v1, ref v2, ref v3);
        if (count > 1)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        if (count > 2)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        if (count > 3)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
