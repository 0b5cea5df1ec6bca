using CsCheck;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Leasing.Messages;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Leasing;

public class MessageTests
{
    private const long MostCount = (1L << 60) - 1;

    private static readonly Gen<long> Count = Gen.OneOf(Gen.Long[0, 300], Gen.Long[0, MostCount], Gen.OneOfConst(127L, 128, 16_383, 16_384, MostCount));

    private static readonly Gen<KeyHash> Hash = Gen.Select(Gen.ULong, Gen.ULong, (low, high) => new KeyHash(low, high));

    private static readonly Gen<ReportedKey> Reported = Gen.Select(
        Hash, Gen.ULong, Gen.Select(Count, Count, Count), Gen.Select(Count, Count),
        (hash, account, first, second) => new ReportedKey(hash, account, first.Item1, first.Item2, first.Item3, second.Item1, second.Item2));

    private static readonly Gen<AnsweredKey> Answered = Gen.Select(
        Hash, Gen.ULong, Gen.Select(Count, Count, Count), Gen.Select(Count, Count),
        (hash, account, first, second) => new AnsweredKey(hash, account, first.Item1, first.Item2, first.Item3, second.Item1, second.Item2));

    private static readonly Gen<LeaseTerms> Terms = Gen.Select(
        Gen.OneOfConst(RateLimitAlgorithm.TokenBucket, RateLimitAlgorithm.FixedWindow, RateLimitAlgorithm.SlidingWindow),
        Count,
        Gen.Long[0, (long)RateLimitRule.MaxWindow.TotalMilliseconds],
        Count,
        Gen.OneOfConst<CalendarPeriod?>(null, CalendarPeriod.Minute, CalendarPeriod.Hour, CalendarPeriod.Day, CalendarPeriod.Month),
        Gen.OneOfConst(null, "America/Sao_Paulo", new string('z', MessageFormat.MaxTimeZoneLength)),
        Count,
        (algorithm, limit, window, burst, calendar, zone, cost) =>
            new LeaseTerms(algorithm, limit, TimeSpan.FromMilliseconds(window), burst, calendar, zone, cost));

    [Fact]
    public void A_report_is_read_as_it_was_written() =>
        Gen.Select(Gen.Int[0, QuotaSharing.ShardCount - 1], Gen.ULong, Gen.ULong, Gen.ULong, Terms, Reported.Array[1, 60]).Sample(
            (shard, node, sequence, epoch, terms, keys) =>
            {
                byte[] buffer = new byte[QuotaSharing.MaxMessageLength];
                MessageWriter writer = new(buffer);
                writer.WriteReportHeader(shard, node, sequence, epoch);
                writer.WriteTerms(terms);
                foreach (ReportedKey key in keys)
                {
                    writer.Write(key);
                }

                MessageReader reader = new(writer.Written);
                bool isSame = reader.ReadStart(MessageFormat.Report) == shard
                    && reader.ReadFixed() == node
                    && reader.ReadNumber() == sequence
                    && reader.ReadNumber() == epoch
                    && reader.ReadTerms(out int count) == terms
                    && count == keys.Length;
                foreach (ReportedKey key in keys)
                {
                    isSame &= reader.ReadReportedKey() == key;
                }

                Assert.True(isSame && reader.IsAtEnd && !reader.IsBad);
            },
            iter: 500);

    [Fact]
    public void An_answer_is_read_as_it_was_written() =>
        Gen.Select(Gen.Int[0, QuotaSharing.ShardCount - 1], Gen.ULong, Gen.ULong, Gen.Int[0, 60_000], Gen.Int[0, int.MaxValue], Answered.Array[0, 60]).Sample(
            (shard, epoch, sequence, interval, members, keys) =>
            {
                byte[] buffer = new byte[QuotaSharing.MaxMessageLength];
                MessageWriter writer = new(buffer);
                writer.WriteAnswerHeader(shard, epoch, sequence, TimeSpan.FromMilliseconds(interval), members);
                foreach (AnsweredKey key in keys)
                {
                    writer.Write(key);
                }

                MessageReader reader = new(writer.Written);
                bool isSame = reader.ReadStart(MessageFormat.Answer) == shard
                    && reader.ReadNumber() == epoch
                    && reader.ReadNumber() == sequence
                    && reader.ReadCount() == interval
                    && reader.ReadCount() == members;
                foreach (AnsweredKey key in keys)
                {
                    isSame &= reader.ReadAnsweredKey() == key;
                }

                Assert.True(isSame && reader.IsAtEnd && !reader.IsBad);
            },
            iter: 500);

    [Fact]
    public void A_key_at_its_largest_takes_no_more_than_is_reckoned_with()
    {
        byte[] buffer = new byte[QuotaSharing.MaxMessageLength];
        MessageWriter writer = new(buffer);
        writer.WriteTerms(new LeaseTerms(
            RateLimitAlgorithm.TokenBucket, MostCount, RateLimitRule.MaxWindow, MostCount, null, new string('z', MessageFormat.MaxTimeZoneLength), MostCount));
        int terms = writer.Length;
        writer.Write(new ReportedKey(new KeyHash(1, 2), ulong.MaxValue, MostCount, MostCount, MostCount, MostCount, MostCount));
        Assert.True(writer.Length - terms <= MessageFormat.MaxKeyLength);
        Assert.True(writer.Length <= MessageFormat.MaxSectionLength);
    }

    [Theory]
    [InlineData("ffffffffffffffffff02")]
    [InlineData("ffffffffffffffffffff01")]
    [InlineData("80")]
    [InlineData("")]
    public void A_number_that_is_none_is_bad(string bytes)
    {
        MessageReader reader = new(Convert.FromHexString(bytes));
        Assert.Equal(0UL, reader.ReadNumber());
        Assert.True(reader.IsBad);
    }

    [Fact]
    public void A_count_that_has_no_room_is_bad()
    {
        MessageReader reader = new(Convert.FromHexString("808080808080808010"));
        Assert.Equal(0, reader.ReadCount());
        Assert.True(reader.IsBad);
    }
}
