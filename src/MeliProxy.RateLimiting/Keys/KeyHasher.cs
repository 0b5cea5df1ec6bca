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
    private const int CompressionRounds = 1;
    private const int FinalizationRounds = 3;
    private const int CharsPerBlock = sizeof(ulong) / sizeof(char);

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

    public KeyHash Hash(ReadOnlySpan<char> text) => Hash(MemoryMarshal.AsBytes(text), CompressionRounds, FinalizationRounds);

    /// <summary>The hash of a key of one part, as <see cref="PartitionKeyWriter"/> would write it, without writing it.</summary>
    public KeyHash HashPart(ReadOnlySpan<char> part)
    {
        ulong v0 = 0x736f6d6570736575UL ^ _key0;
        ulong v1 = 0x646f72616e646f6dUL ^ _key1 ^ 0xee;
        ulong v2 = 0x6c7967656e657261UL ^ _key0;
        ulong v3 = 0x7465646279746573UL ^ _key1;
        ref byte text = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(part));
        nint blocks = part.Length / CharsPerBlock * sizeof(ulong);
        for (nint i = 0; i < blocks; i += sizeof(ulong))
        {
            ulong block = ReadBlock(ref text, i);
            v3 ^= block;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= block;
        }

        // The rest of the text, and its length as one more character.
        int rest = part.Length % CharsPerBlock;
        ulong last = (ulong)(ushort)part.Length << (16 * rest);
        for (int i = 0; i < rest; i++)
        {
            last |= (ulong)part[part.Length - rest + i] << (16 * i);
        }

        if (rest == CharsPerBlock - 1)
        {
            v3 ^= last;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= last;
            last = 0;
        }

        last |= ((ulong)((part.Length + 1) * sizeof(char)) << 56);
            v3 ^= last;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= last;
            v2 ^= 0xee;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            ulong low = v0 ^ v1 ^ v2 ^ v3;
            v1 ^= 0xdd;
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            Round(ref v0, ref v1, ref v2, ref v3);
            return new KeyHash(low, v0 ^ v1 ^ v2 ^ v3);
    }

    /// <summary>The general form; the paper's own test vectors are for 2 and 4 rounds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal KeyHash Hash(ReadOnlySpan<byte> data, int compressionRounds, int finalizationRounds)
    {
        State state = new(_key0, _key1);
        ref byte start = ref MemoryMarshal.GetReference(data);
        nint blocks = data.Length & ~(sizeof(ulong) - 1);
        for (nint i = 0; i < blocks; i += sizeof(ulong))
        {
            state.Compress(ReadBlock(ref start, i), compressionRounds);
        }

        ulong last = (ulong)data.Length << 56;
        for (int i = (int)blocks; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        state.Compress(last, compressionRounds);
        return state.Finish(finalizationRounds);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong ReadBlock(ref byte start, nint offset)
    {
        ulong block = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset));
        return BitConverter.IsLittleEndian ? block : BinaryPrimitives.ReverseEndianness(block);
    }

    /// <summary>The four words of the algorithm.</summary>
    private ref struct State
    {
        private ulong _v0;
        private ulong _v1;
        private ulong _v2;
        private ulong _v3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public State(ulong key0, ulong key1)
        {
            _v0 = 0x736f6d6570736575UL ^ key0;
            _v1 = 0x646f72616e646f6dUL ^ key1 ^ 0xee;
            _v2 = 0x6c7967656e657261UL ^ key0;
            _v3 = 0x7465646279746573UL ^ key1;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Compress(ulong block, int rounds)
        {
            _v3 ^= block;
            Rounds(rounds, ref _v0, ref _v1, ref _v2, ref _v3);
            _v0 ^= block;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public KeyHash Finish(int rounds)
        {
            _v2 ^= 0xee;
            Rounds(rounds, ref _v0, ref _v1, ref _v2, ref _v3);
            ulong low = _v0 ^ _v1 ^ _v2 ^ _v3;
            _v1 ^= 0xdd;
            Rounds(rounds, ref _v0, ref _v1, ref _v2, ref _v3);
            return new KeyHash(low, _v0 ^ _v1 ^ _v2 ^ _v3);
        }
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
