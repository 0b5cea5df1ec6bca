using CsCheck;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Tests.Leasing;

public class LeaseWordTests
{
    private static readonly Gen<long> Moment = Gen.Long[1L << 40, 1L << 62];
    private static readonly Gen<long> Held = Gen.OneOf(Gen.Long[0, 10], Gen.Long[0, LeaseWord.MaxPermits], Gen.Const(LeaseWord.MaxPermits));

    [Fact]
    public void A_word_holds_its_permits_and_ends_at_most_three_milliseconds_early_and_never_late() =>
        Gen.Select(Moment, Held, Gen.Bool).Sample((endsAt, permits, isRegistered) =>
        {
            long word = LeaseWord.Pack(endsAt, permits, isRegistered);
            Assert.Equal(permits, LeaseWord.Permits(word));
            Assert.Equal(isRegistered, LeaseWord.IsRegistered(word));
            Assert.InRange(endsAt - word, 0, 3 * QuotaClock.UnitsPerMillisecond);
        });

    [Fact]
    public void Taking_permits_leaves_all_else() =>
        Gen.Select(Moment, Held, Gen.Long[0, LeaseWord.MaxPermits], Gen.Bool).Sample((endsAt, permits, taken, isRegistered) =>
        {
            taken = Math.Min(taken, permits);
            long word = LeaseWord.Pack(endsAt, permits, isRegistered) - taken;
            Assert.Equal(LeaseWord.Pack(endsAt, permits - taken, isRegistered), word);
        });

    [Fact]
    public void The_later_end_stays() =>
        Gen.Select(Moment, Moment, Held, Held).Sample((first, second, before, after) =>
        {
            long word = LeaseWord.Extend(LeaseWord.Pack(first, before, isRegistered: true), second, after);
            Assert.Equal(LeaseWord.Pack(Math.Max(first, second), after, isRegistered: true), word);
            Assert.Equal(LeaseWord.Pack(first, before, isRegistered: true), LeaseWord.Register(LeaseWord.Pack(first, before, isRegistered: false)));
        });
}
