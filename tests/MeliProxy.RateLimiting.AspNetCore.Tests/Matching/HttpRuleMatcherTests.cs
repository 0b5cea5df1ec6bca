using MeliProxy.RateLimiting.AspNetCore.Matching;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Matching;

public sealed class HttpRuleMatcherTests
{
    [Fact]
    public void A_match_without_conditions_holds_for_everything() =>
        Assert.True(Compile(new RuleMatch())(Requests.To("BREW", "/x/y")));

    [Theory]
    [InlineData("/items/MLA1", true)]
    [InlineData("/items//MLA1/", true)]
    [InlineData("/x/../items/MLA1", true)]
    [InlineData("/%69tems%2FMLA1", true)]
    [InlineData("/ITEMS/MLA1", true)]
    [InlineData("/items", false)]
    public void A_path_is_matched_in_its_canonical_form(string path, bool expected) =>
        Assert.Equal(expected, Compile(new RuleMatch { Path = "/items/{id}" })(Requests.To("GET", path)));

    [Theory]
    [InlineData("GET", true)]
    [InlineData("get", true)]
    [InlineData("PURGE", true)]
    [InlineData("HEAD", false)]
    [InlineData("POST", false)]
    public void A_method_is_matched_without_regard_to_case(string method, bool expected) =>
        Assert.Equal(expected, Compile(new RuleMatch { Methods = ["GET", "purge"] })(Requests.To(method, "/")));

    [Theory]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-HTTP-Method")]
    [InlineData("X-Method-Override")]
    public void Headers_that_claim_another_method_are_not_honoured(string header)
    {
        HttpContext context = Requests.To("POST", "/");
        context.Request.Headers[header] = "GET";

        Assert.False(Compile(new RuleMatch { Methods = ["GET"] })(context));
    }

    [Theory]
    [InlineData("api.example.com", "api.example.com", true)]
    [InlineData("api.example.com", "API.Example.COM", true)]
    [InlineData("API.example.com", "api.example.com", true)]
    [InlineData("api.example.com", "api.example.com:8443", true)]
    [InlineData("api.example.com", "api.example.com.", true)]
    [InlineData("api.example.com", "example.com", false)]
    [InlineData("api.example.com", "x.api.example.com", false)]
    [InlineData("api.example.com", null, false)]
    [InlineData("*.example.com", "api.example.com", true)]
    [InlineData("*.example.com", "a.b.EXAMPLE.com:80", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", ".example.com", false)]
    [InlineData("*.example.com", "badexample.com", false)]
    [InlineData("*.example.com", "api.example.com.evil.com", false)]
    [InlineData("[2001:db8::1]", "[2001:db8::1]:80", true)]
    [InlineData("[2001:DB8::1]", "[2001:db8::1]", true)]
    [InlineData("127.0.0.1", "127.0.0.1:8080", true)]
    public void A_host_is_matched_without_port_and_case(string pattern, string? host, bool expected) =>
        Assert.Equal(expected, Compile(new RuleMatch { Hosts = ["other.net", pattern] })(Requests.To("GET", "/", host)));

    [Theory]
    [InlineData("gold", new[] { "gold" }, true)]
    [InlineData("gold", new[] { "silver", "gold" }, true)]
    [InlineData("gold", new[] { "Gold" }, false)]
    [InlineData("gold", new[] { "gold, silver" }, false)]
    [InlineData("gold", new string[0], false)]
    [InlineData("*", new[] { "anything" }, true)]
    [InlineData("*", new[] { "" }, true)]
    [InlineData("*", new string[0], false)]
    [InlineData("", new[] { "" }, true)]
    [InlineData("", new string[0], false)]
    public void A_header_is_matched_exactly_or_by_presence(string value, string[] values, bool expected)
    {
        HttpContext context = Requests.From(null, ("x-tier", values));
        RuleMatch match = new() { Headers = new Dictionary<string, string> { ["X-Tier"] = value } };

        Assert.Equal(expected, Compile(match)(context));
    }

    [Theory]
    [InlineData("GET", "/items/1", "api.example.com", "gold", true)]
    [InlineData("POST", "/items/1", "api.example.com", "gold", false)]
    [InlineData("GET", "/users/1", "api.example.com", "gold", false)]
    [InlineData("GET", "/items/1", "example.com", "gold", false)]
    [InlineData("GET", "/items/1", "api.example.com", "tin", false)]
    public void Every_condition_has_to_hold(string method, string path, string host, string tier, bool expected)
    {
        HttpContext context = Requests.To(method, path, host);
        context.Request.Headers["X-Tier"] = tier;

        Assert.Equal(expected, Compile(Full)(context));
    }

    [Fact]
    public void All_that_is_wrong_is_named_with_its_place()
    {
        RuleMatch match = new()
        {
            Path = "items",
            Methods = ["GET POST", "GET", ""],
            Hosts = ["ok.example.com", "example.com:80", "*.", "*.[::1]"],
            Headers = new Dictionary<string, string> { ["X Foo"] = "1", ["X-Bar"] = "*" },
        };

        InvalidRulesException exception = Assert.Throws<InvalidRulesException>(() => Compile(match));

        Assert.Equal(
            ["$.path", "$.methods[0]", "$.methods[2]", "$.hosts[1]", "$.hosts[2]", "$.hosts[3]", "$.headers.X Foo"],
            exception.Errors.Select(error => error.Path));
        Assert.Contains("'GET POST' is no HTTP method", exception.Errors[1].Message, StringComparison.Ordinal);
        Assert.Contains("'example.com:80' is no host", exception.Errors[3].Message, StringComparison.Ordinal);
        Assert.Contains("'X Foo' is no header name", exception.Errors[6].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/items/1")]
    [InlineData("/items//%31/")]
    public void Matching_does_not_allocate(string path)
    {
        HttpContext context = Requests.To("GET", path, "api.example.com:80");
        context.Request.Headers["X-Tier"] = "gold";
        Predicate<HttpContext> matches = Compile(Full);

        Assert.True(matches(context));
        Assert.Equal(0, Allocation.Of(() => matches(context)));
    }

    private static readonly RuleMatch Full = new()
    {
        Path = "/items/{**rest}",
        Methods = ["GET"],
        Hosts = ["*.example.com"],
        Headers = new Dictionary<string, string> { ["X-Tier"] = "gold" },
    };

    [Fact]
    public void A_rule_for_endpoints_matches_those_only_that_name_it()
    {
        Predicate<HttpContext> matches = Compile(new RuleMatch { Endpoint = true, Path = "/items/{id}" });
        HttpContext context = Requests.To("GET", "/items/1");
        Assert.False(matches(context));

        context.SetEndpoint(EndpointWith(new RequireQuotaAttribute("other")));
        Assert.False(matches(context));

        context.SetEndpoint(EndpointWith(new RequireQuotaAttribute("other"), new RequireQuotaAttribute("more", "rule")));
        Assert.True(matches(context));
        Assert.Equal(0, Allocation.Of(() => matches(context)));

        context.Request.Path = "/other";
        Assert.False(matches(context));
    }

    private static Endpoint EndpointWith(params object[] metadata) => new(null, new EndpointMetadataCollection(metadata), "endpoint");

    private static Predicate<HttpContext> Compile(RuleMatch match) => HttpRuleMatcher.Compile(
        new RateLimitRule { Name = "rule", Match = match, Key = ["global"], Limit = 1, Window = TimeSpan.FromSeconds(1) });
}
