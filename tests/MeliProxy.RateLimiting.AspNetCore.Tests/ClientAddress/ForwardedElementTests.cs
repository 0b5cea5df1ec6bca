using MeliProxy.RateLimiting.AspNetCore.ClientAddress;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.ClientAddress;

public sealed class ForwardedElementTests
{
    [Theory]
    [InlineData("for=192.0.2.43", "192.0.2.43")]
    [InlineData("For=192.0.2.43", "192.0.2.43")]
    [InlineData("FOR=\"192.0.2.43\"", "192.0.2.43")]
    [InlineData("for=\"192.0.2.43:47011\"", "192.0.2.43")]
    [InlineData("for=192.0.2.43:47011", "192.0.2.43")]
    [InlineData("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17")]
    [InlineData("for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17")]
    [InlineData("for=\"192.0.2.43:_port\"", "192.0.2.43")]
    [InlineData("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60")]
    [InlineData("proto=http;by=203.0.113.43;for=192.0.2.60", "192.0.2.60")]
    [InlineData("by=\"a;for=1.1.1.1\";for=192.0.2.60", "192.0.2.60")]
    [InlineData("by=\"a\\\";for=1.1.1.1\";for=192.0.2.60", "192.0.2.60")]
    [InlineData("for=\"192\\.0.2.60\"", "192.0.2.60")]
    [InlineData("for=192.0.2.60 ; proto=http", "192.0.2.60")]
    [InlineData(";;for=192.0.2.60;;", "192.0.2.60")]
    public void The_address_of_for_is_read(string element, string expected)
    {
        Assert.True(ForwardedElement.TryParse(element, out ClientIp address));
        Assert.Equal(expected, address.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("for")]
    [InlineData("for=")]
    [InlineData("=1.2.3.4")]
    [InlineData("for=unknown")]
    [InlineData("for=_hidden")]
    [InlineData("for=\"_SEVKISEK\"")]
    [InlineData("for=1.2.3.4;for=1.2.3.4")]
    [InlineData("proto=http")]
    [InlineData("xfor=1.2.3.4")]
    [InlineData("for =1.2.3.4")]
    [InlineData("for=\"1.2.3.4")]
    [InlineData("for=\"1.2.3.4\\\"")]
    [InlineData("for=1.2.3.4\"")]
    [InlineData("for=\"1.2.3.4\"5")]
    [InlineData("for=\"1.2.3.4\";junk")]
    [InlineData("for=\"fe80::1%eth0\"")]
    [InlineData("for=\"\\")]
    [InlineData("for=\"\\0000000000000000000000000000000000000000000000000000000000000000000001.2.3.4\"")]
    public void Other_elements_are_refused(string element) => Assert.False(ForwardedElement.TryParse(element, out _));

    [Theory]
    [InlineData("a", -1)]
    [InlineData("", -1)]
    [InlineData("a,b", 1)]
    [InlineData("a,b,c", 3)]
    [InlineData("a,\"b,c\"", 1)]
    [InlineData("a,\"b\\\",c\"", 1)]
    [InlineData("a,\"b\\\\\",c", 7)]
    [InlineData("\"open,b", 5)]
    [InlineData("\"open,\"b\"", 5)]
    [InlineData("open,b\"", -1)]
    public void Elements_are_separated_by_commas_outside_quotes_paired_from_the_right(string line, int expected) =>
        Assert.Equal(expected, ForwardedElement.LastSeparator(line));
}
