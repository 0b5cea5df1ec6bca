using System.Net;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class IPTextTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("10.1.2.3", "10.1.2.3/32")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::1", "::1/128")]
    [InlineData("::/0", "::/0")]
    [InlineData("2001:DB8::/33", "2001:db8::/33")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1/32")]
    public void A_network_is_read(string text, string written)
    {
        Assert.True(IPText.TryParseNetwork(text, out IPNetwork network, out _));
        Assert.Equal(written, network.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("::/129")]
    [InlineData("10.0/8")]
    [InlineData("10")]
    [InlineData("0x0a.0.0.0/8")]
    [InlineData("010.0.0.0/8")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("fe80::1%1")]
    [InlineData("example.com")]
    public void What_is_no_network_is_refused(string text)
    {
        Assert.False(IPText.TryParseNetwork(text, out _, out string? error));
        Assert.Contains("is no network", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.1.2.3/8", "the network is 10.0.0.0/8, the address alone 10.1.2.3")]
    [InlineData("192.168.1.130/25", "the network is 192.168.1.128/25, the address alone 192.168.1.130")]
    [InlineData("2001:db8::1/64", "the network is 2001:db8::/64, the address alone 2001:db8::1")]
    [InlineData("::ffff:10.1.0.0/104", "the network is 10.0.0.0/8, the address alone 10.1.0.0")]
    public void Bits_beyond_the_prefix_are_refused_with_the_network_that_was_meant(string text, string hint)
    {
        Assert.False(IPText.TryParseNetwork(text, out _, out string? error));
        Assert.EndsWith(hint, error, StringComparison.Ordinal);
    }
}
