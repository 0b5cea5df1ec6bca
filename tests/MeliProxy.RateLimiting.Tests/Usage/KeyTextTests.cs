using CsCheck;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Usage;

public class KeyTextTests
{
    private static readonly Gen<string> Part = Gen.Frequency(
        (3, Gen.String[0, 40]), (1, Gen.String[Gen.Const('x'), 0, 1_000]), (1, Gen.Int[0, 300].Select(n => string.Concat(Enumerable.Repeat("😀", n)))));

    [Fact]
    public void Parts_come_back_as_they_were_or_cut_to_their_share_and_marked() => Part.Array[1, RateLimitRule.MaxKeyParts].Sample(parts =>
    {
        string written = Write(parts);
        bool isTooLong = KeyText.IsTooLong(written, parts.Length);
        Assert.Equal(parts.Sum(p => p.Length) > KeyText.MaxLength, isTooLong);
        if (!isTooLong)
        {
            Assert.Equal(parts, KeyText.Split(written, parts.Length));
            return;
        }

        char[] room = new char[KeyText.MaxCutLength];
        string[] cut = KeyText.Split(room.AsSpan(0, KeyText.Cut(written, parts.Length, room)), parts.Length);
        int share = KeyText.MaxLength / parts.Length;
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length <= share)
            {
                Assert.Equal(parts[i], cut[i]);
            }
            else
            {
                Assert.EndsWith("…", cut[i]);
                Assert.StartsWith(cut[i][..^1], parts[i]);
                Assert.InRange(cut[i].Length, share - 1, share);
                Assert.False(char.IsHighSurrogate(cut[i][^2]));
            }
        }
    });

    [Fact]
    public void A_key_that_is_cut_still_counts_as_the_key_that_it_is()
    {
        QuotaLimiter<Call> limiter = Call.Limiter(new FakeTimeProvider(), Call.Hour("r", 100) with { Key = ["ip", "path"] });
        string tail = new('y', 5_000);
        TopKeysTests.Decide(limiter, new Call("a", $"/1{tail}"), 3);
        TopKeysTests.Decide(limiter, new Call("a", $"/1{tail}z"), 2);
        IReadOnlyList<TopKey> keys = limiter.GetTopKeys();
        Assert.Equal([3, 2], keys.Select(k => k.Hits));
        Assert.All(keys, k => Assert.Equal(["a", $"/1{tail[..125]}…"], k.Key));
    }

    private static string Write(string[] parts)
    {
        PartitionKeyWriter writer = new(new char[16]);
        foreach (string part in parts)
        {
            writer.BeginPart();
            writer.Append(part);
            writer.EndPart(present: true);
        }

        string written = writer.Written.ToString();
        writer.Dispose();
        return written;
    }
}
