using OutgoingHttp;

namespace MeliProxy.Packages.Tests.Samples;

public sealed class RateLimitHeaderTests
{
    [Fact]
    public void Reads_what_is_left_of_each_quota() => Assert.Equal(
        [
            new RateLimitItem("per-ip") { Remaining = 3, ResetSeconds = 1 },
            new RateLimitItem("a \"day\"") { Remaining = 900, ResetSeconds = 3600 },
        ],
        RateLimitHeader.Read("\"per-ip\";r=3;t=1 ,\t\"a \\\"day\\\"\"; r=900; t=3600"));

    [Fact]
    public void Reads_policies() => Assert.Equal(
        [new RateLimitItem("per-ip") { Quota = 100, WindowSeconds = 60 }],
        RateLimitHeader.Read("\"per-ip\";q=100;w=60"));

    [Fact]
    public void Passes_over_parameters_of_any_type_that_it_does_not_know() => Assert.Equal(
        [new RateLimitItem("x") { Remaining = 1, ResetSeconds = 2 }],
        RateLimitHeader.Read("\"x\";qu=\"requests\";pk=:c2hvcA==:;a;b=?1;c=1.5;d=tok/en;r=1;t=2"));

    [Theory]
    [InlineData("\"x\";r=-1")]
    [InlineData("\"x\";r=1.5")]
    [InlineData("\"x\";r=many")]
    [InlineData("\"x\";r=\"1\"")]
    [InlineData("\"x\";r")]
    [InlineData("\"x\";r=1000000000000000")]
    public void A_number_that_is_none_is_not_there(string header) =>
        Assert.Equal([new RateLimitItem("x")], RateLimitHeader.Read(header));

    [Theory]
    [InlineData("")]
    [InlineData("limit=10, remaining=1, reset=7")]
    [InlineData("\"x\"r=1;t=1")]
    [InlineData("\"x;r=1;t=1")]
    [InlineData("\"x\\y\";r=1")]
    [InlineData("\"x\";r=")]
    [InlineData("\"x\";r=1;")]
    [InlineData("\"x\";r=1,")]
    [InlineData("\"x\";r=1;pk=:c2hv")]
    [InlineData("\"x\";r=1 \"y\";r=2")]
    [InlineData("\"x\u00e9\";r=1")]
    public void A_malformed_header_is_not_there(string header) => Assert.Empty(RateLimitHeader.Read(header));
}
