using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Tests.Usage.History;

public sealed class HistoryRangeTests
{
    [Fact]
    public void Each_step_is_a_multiple_of_the_one_before() =>
        Assert.All(HistoryRange.Steps.Zip(HistoryRange.Steps.Skip(1)), pair => Assert.Equal(0, pair.Second % pair.First));

    [Fact]
    public void A_time_is_widened_to_whole_steps()
    {
        HistoryRange range = HistoryRange.Of(119, 241, 60);

        Assert.Equal((60, 300, 4), (range.From, range.To, range.Points));
        Assert.Equal(2, range.IndexOf(180));
    }

    [Theory]
    [InlineData(300, 1)]
    [InlineData(301, 5)]
    [InlineData(3600, 30)]
    [InlineData(86_400, 300)]
    [InlineData(604_800, 3600)]
    [InlineData(34_560_000, 604_800)]
    public void Without_a_step_the_shortest_is_taken_that_makes_300_points_at_most(long length, long step) =>
        Assert.Equal(step, HistoryRange.Of(0, length).Step);
}
