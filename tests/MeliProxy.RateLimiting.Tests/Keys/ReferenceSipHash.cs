using System.Numerics;

namespace MeliProxy.RateLimiting.Tests.Keys;

/// <summary>SipHash-c-d with 128 bits of output, written down from the paper on big integers; slow and obvious.</summary>
internal static class ReferenceSipHash
{
    private static readonly BigInteger Modulus = BigInteger.One << 64;

    public static byte[] Hash(byte[] key, byte[] message, int c, int d)
    {
        BigInteger k0 = Word(key, 0);
        BigInteger k1 = Word(key, 8);
        BigInteger[] v =
        [
            Word("uespemos"u8.ToArray(), 0) ^ k0,
            Word("modnarod"u8.ToArray(), 0) ^ k1 ^ 0xee,
            Word("arenegyl"u8.ToArray(), 0) ^ k0,
            Word("setybdet"u8.ToArray(), 0) ^ k1,
        ];

        byte[] padded = new byte[(message.Length / 8 * 8) + 8];
        message.CopyTo(padded, 0);
        padded[^1] = (byte)(message.Length % 256);
        for (int i = 0; i < padded.Length; i += 8)
        {
            BigInteger m = Word(padded, i);
            v[3] ^= m;
            Rounds(v, c);
            v[0] ^= m;
        }

        v[2] ^= 0xee;
        Rounds(v, d);
        byte[] first = Bytes(v[0] ^ v[1] ^ v[2] ^ v[3]);
        v[1] ^= 0xdd;
        Rounds(v, d);
        return [.. first, .. Bytes(v[0] ^ v[1] ^ v[2] ^ v[3])];
    }

    private static void Rounds(BigInteger[] v, int count)
    {
        for (int i = 0; i < count; i++)
        {
            HalfRound(v, 0, 1, 2, 3, 13, 16);
            HalfRound(v, 2, 1, 0, 3, 17, 21);
        }
    }

    private static void HalfRound(BigInteger[] v, int a, int b, int c, int d, int s, int t)
    {
        v[a] = (v[a] + v[b]) % Modulus;
        v[c] = (v[c] + v[d]) % Modulus;
        v[b] = Rotate(v[b], s) ^ v[a];
        v[d] = Rotate(v[d], t) ^ v[c];
        v[a] = Rotate(v[a], 32);
    }

    private static BigInteger Rotate(BigInteger x, int bits) => ((x << bits) % Modulus) + (x >> (64 - bits));

    private static BigInteger Word(byte[] bytes, int start) => new(bytes.AsSpan(start, 8), isUnsigned: true);

    private static byte[] Bytes(BigInteger word)
    {
        byte[] bytes = new byte[8];
        word.TryWriteBytes(bytes, out _, isUnsigned: true);
        return bytes;
    }
}
