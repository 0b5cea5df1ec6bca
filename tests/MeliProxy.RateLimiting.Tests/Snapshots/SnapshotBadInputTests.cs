using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

public class SnapshotBadInputTests
{
    private const int Header = 36;
    private const int FirstRow = Header + 4;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 31, 22, 30, 0, TimeSpan.Zero));
    private readonly QuotaLimiter<Call> _limiter;
    private readonly byte[] _good;

    public SnapshotBadInputTests()
    {
        RateLimitRule[] rules =
        [
            Call.Bucket("bucket", 10),
            Call.Hour("fixed", 10),
            Call.Hour("sliding", 10) with { Algorithm = RateLimitAlgorithm.SlidingWindow },
        ];
        QuotaLimiter<Call> old = Restart.SmallLimiter(_time, rules);
        old.Decide(new Call("a"), 6);
        _time.Advance(TimeSpan.FromMinutes(45));
        old.Decide(new Call("a"), 2);
        _good = old.Snapshot();

        // One that would change visibly: a key with fewer counts, and none of another.
        _limiter = Restart.SmallLimiter(_time, rules);
        _limiter.Decide(new Call("a"));
    }

    [Fact]
    public void A_bit_that_is_another_anywhere_is_noticed_and_nothing_changes()
    {
        for (int at = 0; at < _good.Length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] bad = [.. _good];
                bad[at] ^= (byte)(1 << bit);
                AssertRefused(bad);
            }
        }
    }

    [Fact]
    public void A_snapshot_cut_off_anywhere_is_noticed_and_nothing_changes()
    {
        for (int length = 0; length < _good.Length; length++)
        {
            Assert.Contains("cut off", AssertRefused(_good[..length]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_no_snapshot_is_called_so() =>
        Assert.Contains("not a snapshot", AssertRefused([.. Enumerable.Repeat((byte)'x', 1_000)]), StringComparison.Ordinal);

    [Fact]
    public void A_snapshot_of_another_version_is_called_so()
    {
        _good[8] = 2;
        Assert.Contains("version 2", AssertRefused(_good), StringComparison.Ordinal);
    }

    [Fact]
    public void A_snapshot_made_with_another_secret_is_called_so()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("bucket", 10));
        options.HashSecret = new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
        QuotaLimiter<Call> other = new(options);
        other.Decide(new Call("a"));
        Assert.Contains("another HashSecret", AssertRefused(other.Snapshot()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(255)]
    public void A_row_of_a_kind_that_is_not_in_snapshots_is_refused(byte kind)
    {
        _good[FirstRow] = kind;
        Assert.Contains($"row 1 is of the unknown kind {kind}", AssertRefused(Signed(_good)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, -1)]
    [InlineData(4, 0, 0)]
    [InlineData(4, 0, long.MaxValue)]
    [InlineData(4, 1, -1)]
    [InlineData(4, 1, 1L << 45)]
    [InlineData(8, 2, long.MaxValue)]
    [InlineData(8, 2, -1)]
    [InlineData(8, 3, -1)]
    [InlineData(8, 3, 1L << 45)]
    public void A_number_out_of_its_range_is_refused(byte kind, int number, long value)
    {
        int row = RowOf(kind);
        BinaryPrimitives.WriteInt64LittleEndian(_good.AsSpan(row + 16 + (8 * number)), value);
        Assert.Contains("out of their range", AssertRefused(Signed(_good)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65_537)]
    [InlineData(int.MaxValue)]
    public void A_block_of_no_sensible_length_is_refused(int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_good.AsSpan(Header), length);
        Assert.Contains($"a block of {length} bytes", AssertRefused(Signed(_good)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_its_block_cuts_off_is_refused()
    {
        BinaryPrimitives.WriteInt32LittleEndian(_good.AsSpan(Header), 24 + 32 + 48 - 1);
        Assert.Contains("row 3 is cut off", AssertRefused(Signed(_good)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_count_of_rows_that_is_another_is_refused()
    {
        _good[^40]++;
        Assert.Contains("3 rows and says 4", AssertRefused(Signed(_good)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_that_is_none_is_refused()
    {
        _good.AsSpan(28, 8).Fill(0xff);
        Assert.Contains("time at which it was made", AssertRefused(Signed(_good)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_further_ahead_than_any_rule_puts_one_is_taken_for_the_furthest()
    {
        BinaryPrimitives.WriteInt64LittleEndian(_good.AsSpan(RowOf(0) + 16), long.MaxValue);
        BinaryPrimitives.WriteInt64LittleEndian(_good.AsSpan(RowOf(4) + 16), 253_402_300_799_999);
        BinaryPrimitives.WriteInt64LittleEndian(_good.AsSpan(RowOf(8) + 16), 253_402_300_799_999);
        Assert.Equal(3, _limiter.Restore(Signed(_good)).Restored);
        TimeSpan[] resets = [.. _limiter.Explain(new Call("a")).Select(e => e.ResetAfter)];
        Assert.Equal(TimeSpan.FromDays(732), resets[0]);
        Assert.All(resets[1..], reset => Assert.InRange(reset, TimeSpan.FromDays(731), TimeSpan.FromDays(732)));
    }

    [Fact]
    public void Signed_as_it_was_the_snapshot_is_good() => Assert.Equal(3, _limiter.Restore(Signed(_good)).Restored);

    [Fact]
    public void A_limiter_with_a_random_secret_has_no_snapshots()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("bucket", 10));
        options.HashSecret = null;
        QuotaLimiter<Call> limiter = new(options);
        Assert.Contains("HashSecret", Assert.Throws<InvalidOperationException>(limiter.Snapshot).Message, StringComparison.Ordinal);
        Assert.Contains("HashSecret", Assert.Throws<InvalidOperationException>(() => limiter.Restore(_good)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_that_cannot_be_used_are_refused()
    {
        using DeflateStream writeOnly = new(new MemoryStream(), CompressionMode.Compress);
        Assert.Throws<ArgumentException>(() => _limiter.Restore(writeOnly));
        Assert.Throws<ArgumentException>(() => _limiter.Snapshot(new MemoryStream([], writable: false)));
    }

    private string AssertRefused(byte[] bad)
    {
        byte[] before = _limiter.Snapshot();
        string message = Assert.Throws<InvalidDataException>(() => _limiter.Restore(bad)).Message;
        Assert.Equal(before, _limiter.Snapshot());
        Assert.Equal(3, _limiter.KeyCount);
        return message;
    }

    /// <summary>The start of the only row of a kind; rows are in no order.</summary>
    private int RowOf(byte kind)
    {
        int at = FirstRow;
        while (_good[at] != kind)
        {
            at += _good[at] switch { 0 => 24, 4 => 32, _ => 48 };
        }

        return at;
    }

    /// <summary>With the checksum that belongs to the content.</summary>
    private static byte[] Signed(byte[] snapshot)
    {
        HMACSHA256.HashData(new byte[16], snapshot.AsSpan(..^32), snapshot.AsSpan(^32..));
        return snapshot;
    }
}
