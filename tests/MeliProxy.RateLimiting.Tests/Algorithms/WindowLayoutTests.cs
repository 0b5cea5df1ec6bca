using CsCheck;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Tests.Algorithms;

public class WindowLayoutTests
{
    private const long SeventeenYears = 17L * 365 * 86_400_000;

    [Theory]
    [InlineData(1, (int)SlotKind.WindowOfMilliseconds)]
    [InlineData(1_500, (int)SlotKind.WindowOfMilliseconds)]
    [InlineData(1_000, (int)SlotKind.WindowOfSeconds)]
    [InlineData(90_000, (int)SlotKind.WindowOfSeconds)]
    [InlineData(60_000, (int)SlotKind.WindowOfMinutes)]
    [InlineData(5_400_000, (int)SlotKind.WindowOfMinutes)]
    [InlineData(3_600_000, (int)SlotKind.WindowOfHours)]
    [InlineData(366 * 86_400_000L, (int)SlotKind.WindowOfHours)]
    public void A_window_is_kept_in_the_coarsest_unit_that_it_is_a_multiple_of(long milliseconds, int kind)
    {
        WindowLayout layout = WindowLayout.For(TimeSpan.FromMilliseconds(milliseconds));
        Assert.Equal((SlotKind)kind, layout.Kind);
        Assert.Same(layout, WindowLayout.Of((SlotKind)kind));
    }

    [Fact]
    public void Ends_and_counts_come_back_as_they_were_packed_and_never_look_like_a_special_state() =>
        Gen.Select(Gen.OneOfConst(1L, 1_000, 60_000, 3_600_000), Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
            (unit, when, share) =>
            {
                WindowLayout layout = WindowLayout.For(TimeSpan.FromMilliseconds(unit));
                long end = Math.Max(1, (long)(when * SeventeenYears / unit)) * unit;
                long count = (long)(share * layout.MaxCount);
                long state = layout.Pack(end, count);
                Assert.True(Slot.IsKey(state));
                Assert.Equal((end, count), (layout.EndMilliseconds(state), layout.Count(state)));
            },
            iter: 2_000);
}
