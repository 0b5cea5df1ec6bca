using System.Globalization;
using System.Net;
using CsCheck;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Tests.Keys;

public class PartitionKeyWriterTests
{
    private delegate void Write(ref PartitionKeyWriter writer);

    [Fact]
    public void Different_tuples_of_parts_are_written_differently() =>
        Gen.Select(Tuple, Tuple).Sample(
            (a, b) => a.SequenceEqual(b) == (WriteParts(a) == WriteParts(b)),
            iter: 20_000);

    [Fact]
    public void Where_one_part_ends_and_the_next_begins_matters()
    {
        string[] written = [WriteParts(["a", "bc"]), WriteParts(["ab", "c"]), WriteParts(["abc", ""]), WriteParts(["", "abc"]), WriteParts(["abc"])];
        Assert.Equal(written.Length, written.Distinct().Count());
    }

    [Fact]
    public void A_part_cannot_imitate_the_length_of_another()
    {
        // What ("a", "b") looks like, given as one part.
        string inside = WriteParts(["a", "b"]);
        Assert.NotEqual(inside, WriteParts([inside]));
        Assert.NotEqual(inside, WriteParts([inside[1..]]));
    }

    [Fact]
    public void Half_surrogates_and_nulls_are_text_like_any_other()
    {
        string[] written = [.. new[] { "\ud800", "\udc00", "\ud800\udc00", "\0", "\0\0", "", "\ufffd" }.Select(p => WriteParts([p]))];
        Assert.Equal(written.Length, written.Distinct().Count());
    }

    [Fact]
    public void What_a_missing_part_wrote_is_ignored()
    {
        string key = Writing(
            (ref PartitionKeyWriter writer) =>
            {
                writer.BeginPart();
                writer.Append("half an answer");
                writer.EndPart(present: false);
                writer.BeginPart();
                writer.Append("x");
                writer.EndPart(present: true);
            });
        Assert.Equal(WriteParts(["", "x"]), key);
    }

    [Fact]
    public void Values_are_written_in_the_invariant_format()
    {
        string key = Writing(
            (ref PartitionKeyWriter writer) =>
            {
                writer.Append(-12_345.5);
                writer.Append(" ");
                writer.Append(IPAddress.Parse("2001:db8::1"));
                writer.Append('/');
                writer.Append(64);
            });
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{-12_345.5} 2001:db8::1/64"), key);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void A_key_of_the_greatest_length_is_written_whole_and_one_longer_is_refused(int parts)
    {
        string text = new('x', PartitionKeyWriter.MaxLength - parts);
        string[] longest = [.. Enumerable.Repeat("", parts - 1), text];
        Assert.Equal(PartitionKeyWriter.MaxLength, WriteParts(longest).Length);
        Assert.Throws<InvalidOperationException>(() => WriteParts([.. Enumerable.Repeat("", parts - 1), text + 'x']));
    }

    [Fact]
    public void The_bound_holds_for_text_written_piece_by_piece()
    {
        Assert.Throws<InvalidOperationException>(() => Writing(
            (ref PartitionKeyWriter writer) =>
            {
                writer.BeginPart();
                for (int i = 0; i < PartitionKeyWriter.MaxLength; i++)
                {
                    writer.Append("x");
                }
            }));
        Assert.Throws<InvalidOperationException>(() => Writing(
            (ref PartitionKeyWriter writer) =>
            {
                for (int i = 0; i < PartitionKeyWriter.MaxLength; i++)
                {
                    writer.Append(10);
                }
            }));
    }

    [Fact]
    public void Long_keys_are_written_whole() =>
        Gen.Select(Gen.Int[0, 4_000], Gen.Int[0, 4_000], Gen.Int[0, 300]).Sample(
            (a, b, buffer) =>
            {
                string[] parts = [new('a', a), new('b', b)];
                return WriteParts(parts, buffer) == $"{parts[0]}{(char)a}{parts[1]}{(char)b}";
            },
            iter: 500);

    private static Gen<string[]> Tuple { get; } = Gen.OneOf(Gen.Char['\0', '\u0003'], Gen.Char['a', 'b']).Array[0, 3].Select(c => new string(c)).Array[1, 3];

    private static string WriteParts(string[] parts, int buffer = 16) => Writing(
        (ref PartitionKeyWriter writer) =>
        {
            foreach (string part in parts)
            {
                writer.BeginPart();
                writer.Append(part);
                writer.EndPart(present: true);
            }
        },
        buffer);

    private static string Writing(Write write, int buffer = 16)
    {
        PartitionKeyWriter writer = new(stackalloc char[buffer]);
        try
        {
            write(ref writer);
            return writer.Written.ToString();
        }
        finally
        {
            writer.Dispose();
        }
    }
}
