using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.AspNetCore.Keys;
using MeliProxy.RateLimiting.AspNetCore.Matching;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Keys;

public sealed class HttpKeySourcesTests
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3::4", "2001:db8:1:2::/64")]
    [InlineData(null, null)]
    public void Client_ip_is_the_resolved_address(string? peer, string? expected) =>
        Assert.Equal(expected, KeyOf("client-ip", Requests.From(peer)));

    [Theory]
    [InlineData("path", "/a/b/c", "/a/b/c")]
    [InlineData("path", "/a//b/./x/..%2Fc/", "/a/b/c")]
    [InlineData("path", "/", "/")]
    [InlineData("path", "", "/")]
    [InlineData("path:1", "/a/b/c", "/a")]
    [InlineData("path:2", "/a/b/c", "/a/b")]
    [InlineData("path:2", "//a%2Fb/c", "/a/b")]
    [InlineData("path:3", "/a/b/c", "/a/b/c")]
    [InlineData("path:32", "/a/b/c", "/a/b/c")]
    [InlineData("path:1", "/", "/")]
    public void Path_is_canonical_or_its_first_segments(string part, string path, string expected) =>
        Assert.Equal(expected, KeyOf(part, Requests.To("GET", path)));

    [Fact]
    public void Route_is_the_pattern_of_the_rule() =>
        Assert.Equal("/items/{id}", KeyOf("route", Requests.To("GET", "/items/MLA1"), new RuleMatch { Path = "/items/{id}" }));

    [Theory]
    [InlineData("GET", "GET")]
    [InlineData("get", "GET")]
    [InlineData("Patch", "PATCH")]
    [InlineData("brew", "BREW")]
    public void Method_is_in_upper_case(string method, string expected) => Assert.Equal(expected, KeyOf("method", Requests.To(method, "/")));

    [Fact]
    public void A_method_override_is_not_honoured()
    {
        HttpContext context = Requests.To("POST", "/");
        context.Request.Headers["X-HTTP-Method-Override"] = "DELETE";

        Assert.Equal("POST", KeyOf("method", context));
    }

    [Theory]
    [InlineData("api.example.com", "api.example.com")]
    [InlineData("API.Example.com:8080", "api.example.com")]
    [InlineData("api.example.com.", "api.example.com")]
    [InlineData("[2001:DB8::1]:80", "[2001:db8::1]")]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Host_is_in_lower_case_without_port(string? host, string? expected) =>
        Assert.Equal(expected, KeyOf("host", Requests.To("GET", "/", host)));

    [Theory]
    [InlineData(new[] { "a" }, "a")]
    [InlineData(new[] { "a", "b" }, "a,b")]
    [InlineData(new[] { "" }, "")]
    [InlineData(new string[0], null)]
    public void Header_is_all_its_values(string[] values, string? expected) =>
        Assert.Equal(expected, KeyOf("header:X-Api-Key", Requests.From(null, ("x-api-key", values))));

    [Theory]
    [InlineData("?q=ipod", "ipod")]
    [InlineData("?Q=ipod", "ipod")]
    [InlineData("?a=1&q=ipod&b=2", "ipod")]
    [InlineData("?q=a&q=b", "a,b")]
    [InlineData("?q=a%20b+c", "a b c")]
    [InlineData("?%71=x", "x")]
    [InlineData("?q=", "")]
    [InlineData("?q", "")]
    [InlineData("?q=%zz", "%zz")]
    [InlineData("?qq=1", null)]
    [InlineData("?", null)]
    [InlineData("", null)]
    public void Query_is_the_decoded_value(string query, string? expected)
    {
        HttpContext context = Requests.To("GET", "/");
        context.Request.QueryString = new QueryString(query);

        Assert.Equal(expected, KeyOf("query:q", context));
    }

    [Theory]
    [InlineData(new[] { "sid=abc" }, "abc")]
    [InlineData(new[] { "a=1; sid=abc; b=2" }, "abc")]
    [InlineData(new[] { "a=1;sid=abc" }, "abc")]
    [InlineData(new[] { "a=1", "sid=abc" }, "abc")]
    [InlineData(new[] { "sid=a; sid=b", "sid=c" }, "a,b,c")]
    [InlineData(new[] { "sid=\"abc\"" }, "abc")]
    [InlineData(new[] { "sid=a%62c" }, "abc")]
    [InlineData(new[] { "sid = abc " }, "abc")]
    [InlineData(new[] { "sid=a=b" }, "a=b")]
    [InlineData(new[] { "sid=" }, "")]
    [InlineData(new[] { "sid=\"" }, "\"")]
    [InlineData(new[] { "sid" }, null)]
    [InlineData(new[] { "SID=abc" }, null)]
    [InlineData(new[] { "xsid=abc; =sid" }, null)]
    [InlineData(new string[0], null)]
    public void Cookie_is_its_value(string[] lines, string? expected) =>
        Assert.Equal(expected, KeyOf("cookie:sid", Requests.From(null, ("Cookie", lines))));

    [Fact]
    public void Claim_is_all_its_values()
    {
        HttpContext context = Requests.To("GET", "/");
        Assert.Null(KeyOf("claim:role", context));

        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("role", "a"), new Claim("sub", "x"), new Claim("role", "b")]));
        Assert.Equal("a,b", KeyOf("claim:role", context));
        Assert.Null(KeyOf("claim:email", context));
    }

    [Fact]
    public void A_claim_type_may_be_a_uri()
    {
        HttpContext context = Requests.To("GET", "/");
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Email, "a@example.com")]));

        Assert.Equal("a@example.com", KeyOf($"claim:{ClaimTypes.Email}", context));
    }

    [Theory]
    [InlineData("client-ip:x", "the key part 'client-ip' takes no ':' argument")]
    [InlineData("method:GET", "the key part 'method' takes no ':' argument")]
    [InlineData("host:a", "the key part 'host' takes no ':' argument")]
    [InlineData("route:a", "the key part 'route' takes no ':' argument")]
    [InlineData("route", "the key part 'route' is the pattern in match.path, which this rule lacks; add one, or use 'path' or 'global'")]
    [InlineData("path:", "the key part 'path:' is invalid: write 'path', or 'path:N' for the first N segments, N from 1 to 32")]
    [InlineData("path:0", "the key part 'path:0' is invalid: write 'path', or 'path:N' for the first N segments, N from 1 to 32")]
    [InlineData("path:33", "the key part 'path:33' is invalid: write 'path', or 'path:N' for the first N segments, N from 1 to 32")]
    [InlineData("path:01", "the key part 'path:01' is invalid: write 'path', or 'path:N' for the first N segments, N from 1 to 32")]
    [InlineData("path:-1", "the key part 'path:-1' is invalid: write 'path', or 'path:N' for the first N segments, N from 1 to 32")]
    [InlineData("path:x", "the key part 'path:x' is invalid: write 'path', or 'path:N' for the first N segments, N from 1 to 32")]
    [InlineData("header", "the key part 'header' needs a name, as in 'header:X-Api-Key'")]
    [InlineData("header:", "the key part 'header' needs a name, as in 'header:X-Api-Key'")]
    [InlineData("header:X Y", "'X Y' in the key part 'header:X Y' is no header name, such as 'header:X-Api-Key'")]
    [InlineData("header:X:Y", "'X:Y' in the key part 'header:X:Y' is no header name, such as 'header:X-Api-Key'")]
    [InlineData("query", "the key part 'query' needs a name, as in 'query:category'")]
    [InlineData("cookie:", "the key part 'cookie' needs a name, as in 'cookie:session'")]
    [InlineData("cookie:a;b", "'a;b' in the key part 'cookie:a;b' is no cookie name, such as 'cookie:session'")]
    [InlineData("claim", "the key part 'claim' needs a name, as in 'claim:sub'")]
    public void A_key_part_that_cannot_be_used_is_named_with_a_reason(string part, string expected)
    {
        InvalidRulesException exception = Assert.Throws<InvalidRulesException>(() => KeyOf(part, new DefaultHttpContext()));

        RuleError error = Assert.Single(exception.Errors);
        Assert.Equal("$.rules[0].key[0]", error.Path);
        Assert.Equal(expected, error.Message);
    }

    [Fact]
    public void Of_a_long_value_the_rest_is_replaced_by_its_hash()
    {
        string head = new('a', KeyText.MaxLength);
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes("bc,d")));

        Assert.Equal(head, KeyOf("header:X", Requests.From(null, ("X", [head]))));
        Assert.Equal($"{head}#{hash}", KeyOf("header:X", Requests.From(null, ("X", [head + "bc", "d"]))));
    }

    [Fact]
    public void Eight_parts_of_any_length_fit_a_key()
    {
        string[] names = [.. Enumerable.Range(0, RateLimitRule.MaxKeyParts).Select(i => $"X-{i.ToString(CultureInfo.InvariantCulture)}")];
        HttpContext context = Requests.From(null, [.. names.Select(name => (name, (string[])[new string('a', 100_000)]))]);
        using QuotaLimiter<HttpContext> limiter = LimiterOf([.. names.Select(name => $"header:{name}")]);

        Assert.True(limiter.Decide(context).IsAllowed);
        context.Request.Headers["X-7"] = new string('a', 99_999) + "b";
        Assert.True(limiter.Decide(context).IsAllowed);
        Assert.False(limiter.Decide(context).IsAllowed);
    }

    [Theory]
    [InlineData("client-ip")]
    [InlineData("path")]
    [InlineData("path:1")]
    [InlineData("route")]
    [InlineData("method")]
    [InlineData("host")]
    [InlineData("header:X-Api-Key")]
    [InlineData("query:q")]
    [InlineData("cookie:sid")]
    [InlineData("claim:sub")]
    [InlineData("client-ip", "path", "method", "host", "header:X-Api-Key", "query:q", "cookie:sid", "route")]
    public void A_decision_does_not_allocate(params string[] key)
    {
        HttpContext context = Requests.From(
            "10.0.0.1", ("X-Forwarded-For", ["9.9.9.9, 10.0.0.2"]), ("X-Api-Key", ["k1"]), ("Cookie", ["a=1; sid=abc"]));
        context.Request.Method = "GET";
        context.Request.Path = "/items/MLA1";
        context.Request.Host = new HostString("API.example.com:80");
        context.Request.QueryString = new QueryString("?a=1&q=ipod");
        using QuotaLimiter<HttpContext> limiter = LimiterOf(key, new RuleMatch { Path = "/items/{id}" }, limit: 1_000_000);

        Assert.True(limiter.Decide(context).IsAllowed);
        Assert.Equal(0, Allocation.Of(() => limiter.Decide(context)));
    }

    private static string? KeyOf(string part, HttpContext context, RuleMatch? match = null)
    {
        using QuotaLimiter<HttpContext> limiter = LimiterOf([part], match);
        return Assert.Single(Assert.Single(limiter.Explain(context)).Key);
    }

    private static QuotaLimiter<HttpContext> LimiterOf(string[] key, RuleMatch? match = null, long limit = 1)
    {
        ClientAddressResolver resolver = new(new ClientIpOptions { TrustedProxies = { System.Net.IPNetwork.Parse("10.0.0.0/8") } });
        QuotaLimiterOptions<HttpContext> options = new()
        {
            Rules = { new RateLimitRule { Name = "rule", Match = match, Key = key, Limit = limit, Window = TimeSpan.FromDays(1) } },
            RuleMatcher = HttpRuleMatcher.Compile,
            MaxKeys = 1000,
        };
        options.KeySources.AddHttpKeys(resolver);
        return new QuotaLimiter<HttpContext>(options);
    }
}
