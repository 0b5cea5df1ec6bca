using System.Net;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.Sidecar.Commands;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Tests.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.Sidecar.Tests.Commands;

public sealed class ExplanationRowTests
{
    [Theory]
    [InlineData("""  "limit": 5, "window": "1s", "burst": 9 """, "applies", "would pass, 9 of 9 left")]
    [InlineData("""  "limit": 0, "window": "1s" """, "applies", "would be rejected")]
    [InlineData("""  "limit": 5, "window": "10s", "algorithm": "fixed-window" """, "applies", "would pass, 5 of 5 left in this window of 10s")]
    [InlineData("""  "limit": 5, "window": "1m", "algorithm": "sliding-window" """, "applies", "would pass, 5 of 5 left in the last 1m")]
    [InlineData("""  "limit": 5, "calendar": "day", "algorithm": "fixed-window" """, "applies", "would pass, 5 of 5 left this day (UTC)")]
    [InlineData(
        """  "limit": 5, "calendar": "month", "timeZone": "America/Sao_Paulo", "algorithm": "fixed-window" """,
        "applies",
        "would pass, 5 of 5 left this month (America/Sao_Paulo)")]
    [InlineData("""  "limit": 5, "algorithm": "concurrency" """, "applies", "would pass, 5 of 5 free")]
    [InlineData("""  "limit": 5, "window": "1s", "allow": ["client-ip=192.0.2.0/24"] """, "exempt by allow", "")]
    [InlineData("""  "limit": 5, "window": "1s", "deny": ["client-ip=192.0.2.0/24"] """, "denied by deny", "would be rejected")]
    [InlineData("""  "limit": 5, "window": "1s", "match": { "path": "/other" } """, "does not match", "", "")]
    [InlineData("""  "limit": 5, "window": "1s", "mode": "shadow" """, "applies", "would pass, 5 of 5 left, in shadow mode")]
    [InlineData("""  "limit": 0, "window": "1s", "mode": "shadow" """, "applies", "would be over the limit, but the rule is in shadow mode")]
    [InlineData("""  "limit": 5, "window": "1s", "enforcePercent": 25 """, "applies", "would pass, 5 of 5 left, enforced for 25 % of keys")]
    [InlineData(
        """  "limit": 0, "window": "1s", "enforcePercent": 25 """,
        "applies",
        "would be rejected if the key is among the 25 % that the rule is enforced for")]
    public void Each_kind_of_rule_is_told_in_its_own_words(string rule, string applies, string outcome, string key = "client-ip=192.0.2.7") =>
        Assert.Equal(new ExplanationRow("a", applies, key, outcome), Explain($$""" { "rules": [ { "name": "a", "key": ["client-ip"], {{rule}} } ] } """));

    [Theory]
    [InlineData(""" "limit": 50 """, "would pass, 50 of 50 left, by override")]
    [InlineData(""" "limit": 50, "burst": 70, "expiresAt": "2099-01-31T12:00:00-03:00" """, "would pass, 70 of 70 left, by override until 2099-01-31T15:00:00Z")]
    [InlineData(""" "limit": 0 """, "would be rejected, blocked by override")]
    [InlineData(""" "limit": "unlimited" """, "would pass, unlimited by override")]
    [InlineData(""" "limit": 50, "expiresAt": "2001-01-31T12:00:00Z" """, "would pass, 5 of 5 left")]
    public void The_override_in_force_is_told(string value, string outcome) =>
        Assert.Equal(outcome, Explain($$"""
            { "rules": [ { "name": "a", "key": ["client-ip"], "limit": 5, "window": "1s" } ],
              "overrides": [ { "rule": "a", "key": ["192.0.2.7"], {{value}} } ] }
            """).Outcome);

    [Fact]
    public void A_part_of_the_key_that_is_missing_is_told() =>
        Assert.Equal(
            new ExplanationRow("a", "skips, part of its key is missing", "client-ip=192.0.2.7 header:X=(missing)", ""),
            Explain("""
                { "rules": [ { "name": "a", "key": ["client-ip", "header:X"], "limit": 1, "window": "1s", "onMissingKey": "skip" } ] }
                """));

    [Fact]
    public void Shadow_mode_of_the_whole_set_is_told_with_each_rule() =>
        Assert.Equal(
            "would be over the limit, but the rule is in shadow mode",
            Explain("""{ "mode": "shadow", "rules": [ { "name": "a", "key": ["global"], "limit": 0, "window": "1s" } ] }""").Outcome);

    [Theory]
    [InlineData("open", "would pass, by onError: ")]
    [InlineData("closed", "would be rejected, by onError: ")]
    public void A_rule_that_cannot_judge_says_why_and_what_onError_makes_of_it(string onError, string outcome)
    {
        // A request of which a server has told nothing.
        DefaultHttpContext request = new(new FeatureCollection());

        ExplanationRow row = Explain(
            $$"""{ "rules": [ { "name": "a", "key": ["header:X"], "limit": 1, "window": "1s", "onError": "{{onError}}" } ] }""", request);

        Assert.Equal("fails", row.Applies);
        Assert.StartsWith(outcome, row.Outcome, StringComparison.Ordinal);
        Assert.NotEqual(outcome, row.Outcome);
    }

    private static ExplanationRow Explain(string json, HttpContext? request = null)
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(json);
        using QuotaLimiter<HttpContext> limiter = Sidecar.Hosting.Sidecar.CreateLimiter(
            configuration,
            configuration.RuleSet,
            new ClientAddressResolver(configuration.ClientIp.ToOptions()),
            NullLoggerFactory.Instance,
            TimeProvider.System);
        request ??= new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse("192.0.2.7") } };
        return ExplanationRow.Of(Assert.Single(limiter.Explain(request)), configuration.Mode);
    }
}
