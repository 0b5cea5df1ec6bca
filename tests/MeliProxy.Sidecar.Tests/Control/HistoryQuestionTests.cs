using System.Text;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Control;
using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Tests.Control;

public sealed class HistoryQuestionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 28, 8, 0, 30, TimeSpan.Zero);

    [Theory]
    [InlineData("-5m")]
    [InlineData("-300m")]
    [InlineData("-7d")]
    [InlineData("-400d")]
    public void Top_is_asked_to_the_minute_however_long_the_time(string from)
    {
        HistoryRange range = Read(SidecarCommands.Top, from, []) ?? default;

        Assert.Equal(60, range.Step);
        Assert.Equal(range, HistoryQuestion.TryRead(HistoryQuestion.Write(NodeReports.Top, range, "r"))?.Range);
    }

    [Theory]
    [InlineData("-1h")]
    [InlineData("-400d")]
    [InlineData("-13870d")]
    public void Every_time_that_is_taken_can_be_asked_of_others(string from)
    {
        HistoryRange range = Read(SidecarCommands.UsageQuery, from, []) ?? default;

        Assert.Equal(range, HistoryQuestion.TryRead(HistoryQuestion.Write(NodeReports.Usage, range, null))?.Range);
    }

    [Fact]
    public void A_time_with_too_many_of_the_longest_steps_is_refused()
    {
        List<RuleError> errors = [];

        Assert.Null(Read(SidecarCommands.UsageQuery, "-14100d", errors));
        Assert.StartsWith("$.from", Assert.Single(errors).ToString(), StringComparison.Ordinal);
    }

    private static HistoryRange? Read(string command, string from, List<RuleError> errors) =>
        ReportRequest.TryRead(Encoding.UTF8.GetBytes($$"""{ "from": "{{from}}" }"""), command, Now, errors)?.Range;
}
