using System.Buffers.Binary;
using System.Runtime.InteropServices;
using CsCheck;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Tests.Keys;

public class KeyHasherTests
{
    private static readonly byte[] PaperKey = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];

    [Theory]
    [InlineData(0, "a3817f04ba25a8e66df67214c7550293")]
    [InlineData(1, "da87c1d86b99af44347659119b22fc45")]
    [InlineData(2, "8177228da4a45dc7fca38bdef60affe4")]
    [InlineData(3, "9c70b60c5267a94e5f33b6b02985ed51")]
    public void With_2_and_4_rounds_it_gives_the_published_vectors(int length, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Hash(PaperKey, Counting(length), 2, 4)));

    [Fact]
    public void It_agrees_with_a_reference_for_the_64_messages_of_the_published_vectors()
    {
        for (int length = 0; length < 64; length++)
        {
            byte[] message = Counting(length);
            Assert.Equal(ReferenceSipHash.Hash(PaperKey, message, 2, 4), Hash(PaperKey, message, 2, 4));
            Assert.Equal(ReferenceSipHash.Hash(PaperKey, message, 1, 3), Hash(PaperKey, message, 1, 3));
        }
    }

    [Fact]
    public void It_agrees_with_a_reference_for_any_key_and_message() =>
        Gen.Select(Gen.Byte.Array[16], Gen.Byte.Array[0, 600]).Sample(
            (key, message) => Hash(key, message, 1, 3).AsSpan().SequenceEqual(ReferenceSipHash.Hash(key, message, 1, 3)),
            iter: 300);

    [Fact]
    public void Text_is_hashed_as_its_UTF_16_code_units_with_1_and_3_rounds() =>
        Gen.Select(Gen.Byte.Array[16], Gen.Char.Array[0, 100]).Sample(
            (key, text) =>
            {
                KeyHash hash = new KeyHasher(key).Hash(text);
                byte[] message = MemoryMarshal.AsBytes(text.AsSpan()).ToArray();
                return Bytes(hash).AsSpan().SequenceEqual(ReferenceSipHash.Hash(key, message, 1, 3));
            },
            iter: 300);

    [Fact]
    public void Every_bit_of_the_secret_matters()
    {
        HashSet<KeyHash> seen = [new KeyHasher(PaperKey).Hash("key")];
        for (int bit = 0; bit < 128; bit++)
        {
            byte[] secret = [.. PaperKey];
            secret[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(seen.Add(new KeyHasher(secret).Hash("key")));
        }
    }

    private static byte[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)i)];

    private static byte[] Hash(byte[] key, byte[] message, int c, int d) => Bytes(new KeyHasher(key).Hash(message, c, d));

    private static byte[] Bytes(KeyHash hash)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, hash.Low);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), hash.High);
        return bytes;
    }
}
