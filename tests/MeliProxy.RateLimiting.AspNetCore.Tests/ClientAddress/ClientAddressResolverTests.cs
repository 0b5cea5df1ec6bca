using System.Diagnostics;
using System.Net;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.ClientAddress;

public sealed class ClientAddressResolverTests
{
    private const string XForwardedFor = "X-Forwarded-For";
    private const string Forwarded = "Forwarded";

    [Fact]
    public void Headers_are_ignored_when_no_proxy_is_trusted() =>
        Assert.Equal("192.0.2.1", Resolve(
            new ClientIpOptions(),
            Requests.From("192.0.2.1", (XForwardedFor, ["9.9.9.9"]), (Forwarded, ["for=9.9.9.9"]))));

    [Fact]
    public void Headers_of_a_peer_that_is_not_trusted_are_ignored() =>
        Assert.Equal("192.0.2.1", Resolve(Trusting("10.0.0.0/8"), Requests.From("192.0.2.1", (XForwardedFor, ["9.9.9.9"]))));

    [Theory]
    [InlineData("9.9.9.9", "9.9.9.9")]
    [InlineData("9.9.9.9:1234", "9.9.9.9")]
    [InlineData(" 9.9.9.9\t", "9.9.9.9")]
    [InlineData("8.8.8.8, 9.9.9.9", "9.9.9.9")]
    [InlineData("8.8.8.8, 9.9.9.9, 10.0.0.2", "9.9.9.9")]
    [InlineData("8.8.8.8,9.9.9.9,10.0.0.2,10.0.0.3", "9.9.9.9")]
    [InlineData("10.0.0.4, 10.0.0.3, 10.0.0.2", "10.0.0.4")]
    [InlineData("unknown", "10.0.0.1")]
    [InlineData("8.8.8.8, unknown, 10.0.0.2", "10.0.0.2")]
    [InlineData("8.8.8.8, unknown", "10.0.0.1")]
    [InlineData("8.8.8.8, 010.0.0.2", "10.0.0.1")]
    [InlineData("8.8.8.8, fe80::1%eth0", "10.0.0.1")]
    [InlineData("", "10.0.0.1")]
    [InlineData(" , ,", "10.0.0.1")]
    [InlineData("8.8.8.8, , 10.0.0.2,", "8.8.8.8")]
    [InlineData("::ffff:9.9.9.9", "9.9.9.9")]
    [InlineData("8.8.8.8, ::ffff:10.0.0.2", "8.8.8.8")]
    [InlineData("8.8.8.8, [::ffff:10.0.0.2]:80", "8.8.8.8")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64")]
    [InlineData("\"9.9.9.9\"", "10.0.0.1")]
    public void X_Forwarded_For_is_walked_from_the_right_through_trusted_hops(string header, string expected) =>
        Assert.Equal(expected, Resolve(Trusting("10.0.0.0/8"), Requests.From("10.0.0.1", (XForwardedFor, [header]))));

    [Theory]
    [InlineData(new[] { "8.8.8.8", "9.9.9.9" }, "9.9.9.9")]
    [InlineData(new[] { "8.8.8.8", "10.0.0.3", "10.0.0.2" }, "8.8.8.8")]
    [InlineData(new[] { "7.7.7.7, 8.8.8.8", "", "10.0.0.3, 10.0.0.2" }, "8.8.8.8")]
    public void Several_header_lines_count_as_one(string[] lines, string expected) =>
        Assert.Equal(expected, Resolve(Trusting("10.0.0.0/8"), Requests.From("10.0.0.1", (XForwardedFor, lines))));

    [Theory]
    [InlineData(new[] { "for=9.9.9.9" }, "9.9.9.9")]
    [InlineData(new[] { "for=8.8.8.8, for=9.9.9.9;proto=https, for=10.0.0.2" }, "9.9.9.9")]
    [InlineData(new[] { "for=8.8.8.8", "for=10.0.0.2;by=\"a,b\"" }, "8.8.8.8")]
    [InlineData(new[] { "for=8.8.8.8, for=unknown" }, "10.0.0.1")]
    [InlineData(new[] { "for=8.8.8.8, for=_proxy, for=10.0.0.2" }, "10.0.0.2")]
    [InlineData(new[] { "for=8.8.8.8, proto=https" }, "10.0.0.1")]
    [InlineData(new[] { "for=\"[2001:db8:1:2:3:4:5:6]:443\"" }, "2001:db8:1:2::/64")]
    [InlineData(new[] { "for=\"open, for=9.9.9.9" }, "9.9.9.9")]
    [InlineData(new[] { "for=\", for=\"9.9.9.9:80\"" }, "9.9.9.9")]
    [InlineData(new[] { "for=\"a\\, for=\"9.9.9.9:80\"" }, "9.9.9.9")]
    [InlineData(new[] { "for=\"" }, "10.0.0.1")]
    public void Forwarded_is_walked_likewise_and_a_client_cannot_hide_what_proxies_add(string[] lines, string expected) =>
        Assert.Equal(expected, Resolve(Trusting("10.0.0.0/8"), Requests.From("10.0.0.1", (Forwarded, lines))));

    [Theory]
    [InlineData(ForwardedHeader.Auto, "8.8.8.8")]
    [InlineData(ForwardedHeader.XForwardedFor, "8.8.8.8")]
    [InlineData(ForwardedHeader.Forwarded, "9.9.9.9")]
    public void With_both_headers_the_options_choose(ForwardedHeader header, string expected) =>
        Assert.Equal(expected, Resolve(
            Trusting(header, "10.0.0.0/8"),
            Requests.From("10.0.0.1", (XForwardedFor, ["8.8.8.8"]), (Forwarded, ["for=9.9.9.9"]))));

    [Fact]
    public void A_chosen_header_that_is_absent_is_not_replaced_by_the_other()
    {
        HttpContext forwarded = Requests.From("10.0.0.1", (Forwarded, ["for=9.9.9.9"]));
        HttpContext xForwardedFor = Requests.From("10.0.0.1", (XForwardedFor, ["9.9.9.9"]));

        Assert.Equal("10.0.0.1", Resolve(Trusting(ForwardedHeader.XForwardedFor, "10.0.0.0/8"), forwarded));
        Assert.Equal("10.0.0.1", Resolve(Trusting(ForwardedHeader.Forwarded, "10.0.0.0/8"), xForwardedFor));
    }

    [Theory]
    [InlineData("10.0.0.0/8", "10.255.255.255", true)]
    [InlineData("10.0.0.0/8", "11.0.0.0", false)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.1/32", "10.0.0.1", true)]
    [InlineData("10.0.0.1/32", "10.0.0.0", false)]
    [InlineData("0.0.0.0/0", "203.0.113.7", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::ffff:10.0.0.0/104", "10.1.2.3", true)]
    [InlineData("::ffff:10.0.0.0/104", "11.1.2.3", false)]
    [InlineData("::ffff:0:0/96", "203.0.113.7", true)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("::1/128", "::1", true)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "203.0.113.7", false)]
    public void A_network_is_trusted_bit_by_bit(string network, string peer, bool trusted)
    {
        ClientAddressResolver resolver = new(Trusting(network));
        HttpContext context = Requests.From(peer, (XForwardedFor, ["198.51.100.9"]));

        Assert.Equal(trusted, Resolve(resolver, context) == "198.51.100.9");
        Assert.Equal(trusted, resolver.BelievedHeader(context) is not null);
    }

    [Fact]
    public void A_whole_IPv6_address_is_compared_with_trusted_networks_before_it_is_cut() =>
        Assert.Equal("9.9.9.9", Resolve(Trusting("2001:db8::5/128"), Requests.From("2001:db8::5", (XForwardedFor, ["9.9.9.9"]))));

    [Fact]
    public void A_mapped_peer_is_IPv4() => Assert.Equal("192.0.2.1", Resolve(new ClientIpOptions(), Requests.From("::ffff:192.0.2.1")));

    [Fact]
    public void A_connection_without_address_has_no_client() =>
        Assert.Null(Resolve(Trusting("0.0.0.0/0", "::/0"), Requests.From(null, (XForwardedFor, ["9.9.9.9"]))));

    [Fact]
    public void A_connection_without_address_is_no_trusted_proxy() =>
        Assert.Null(new ClientAddressResolver(Trusting("0.0.0.0/0", "::/0")).BelievedHeader(Requests.From(null)));

    [Fact]
    public void Options_are_copied_and_replaced_by_Update()
    {
        ClientIpOptions options = new() { IPv6PrefixLength = 48 };
        ClientAddressResolver resolver = new(options);
        HttpContext context = Requests.From("2001:db8:1:2::3", (XForwardedFor, ["9.9.9.9"]));

        options.IPv6PrefixLength = 128;
        options.TrustedProxies.Add(IPNetwork.Parse("::/0"));
        Assert.Equal("2001:db8:1::/48", Resolve(resolver, context));

        resolver.Update(options);
        Assert.Equal("9.9.9.9", Resolve(resolver, context));
    }

    [Theory]
    [InlineData(-1, ForwardedHeader.Auto)]
    [InlineData(129, ForwardedHeader.Auto)]
    [InlineData(64, (ForwardedHeader)7)]
    public void Options_out_of_range_are_refused_and_change_nothing(int prefixLength, ForwardedHeader header)
    {
        ClientIpOptions options = new() { IPv6PrefixLength = prefixLength, Header = header };
        ClientAddressResolver resolver = new(new ClientIpOptions());

        Assert.Throws<ArgumentOutOfRangeException>(() => new ClientAddressResolver(options));
        Assert.Throws<ArgumentOutOfRangeException>(() => resolver.Update(options));
        Assert.Equal("2001:db8:1:2::/64", Resolve(resolver, Requests.From("2001:db8:1:2::3")));
    }

    [Theory]
    [InlineData("8.8.8.8,", "10.0.0.2,", "8.8.8.8")]
    [InlineData("for=8.8.8.8,", "for=10.0.0.2,", "8.8.8.8")]
    [InlineData("for=8.8.8.8,", "for=10.0.0.2;a=\"\\\\\\\"\",", "8.8.8.8")]
    public void A_header_with_a_hundred_thousand_trusted_hops_is_walked_in_linear_time(string first, string hop, string expected)
    {
        string value = first + string.Concat(Enumerable.Repeat(hop, 100_000));
        string header = hop.StartsWith("for", StringComparison.Ordinal) ? Forwarded : XForwardedFor;
        HttpContext context = Requests.From("10.0.0.1", (header, [value]));
        long start = Stopwatch.GetTimestamp();

        Assert.Equal(expected, Resolve(Trusting("10.0.0.0/8"), context));

        // Quadratic work on these megabytes would take minutes; linear work takes milliseconds.
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void A_run_of_backslashes_is_walked_in_linear_time()
    {
        string value = string.Concat(Enumerable.Repeat("\\", 1_000_000)) + "\"";
        long start = Stopwatch.GetTimestamp();

        Assert.Equal("10.0.0.1", Resolve(Trusting("10.0.0.0/8"), Requests.From("10.0.0.1", (Forwarded, [value]))));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("192.0.2.1", XForwardedFor, "9.9.9.9")]
    [InlineData("10.0.0.1", XForwardedFor, "8.8.8.8, 9.9.9.9:80, 10.0.0.2")]
    [InlineData("10.0.0.1", XForwardedFor, "2001:db8::1, [::ffff:10.0.0.2]:80")]
    [InlineData("10.0.0.1", Forwarded, "for=\"[2001:db8::1]:80\";proto=https, for=10.0.0.2")]
    [InlineData("2001:db8::1", Forwarded, "for=8.8.8.8")]
    public void Resolving_does_not_allocate(string peer, string header, string value)
    {
        ClientAddressResolver resolver = new(Trusting("10.0.0.0/8"));
        HttpContext context = Requests.From(peer, (header, [value]));

        Assert.Equal(0, Allocation.Of(() => resolver.TryResolve(context, out _)));
    }

    private static ClientIpOptions Trusting(params string[] networks) => Trusting(ForwardedHeader.Auto, networks);

    private static ClientIpOptions Trusting(ForwardedHeader header, params string[] networks) =>
        new() { Header = header, TrustedProxies = [.. networks.Select(IPNetwork.Parse)] };

    private static string? Resolve(ClientIpOptions options, HttpContext context) => Resolve(new ClientAddressResolver(options), context);

    private static string? Resolve(ClientAddressResolver resolver, HttpContext context) =>
        resolver.TryResolve(context, out ClientIp client) ? client.ToString() : null;
}
