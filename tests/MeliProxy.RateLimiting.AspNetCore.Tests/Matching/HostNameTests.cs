using MeliProxy.RateLimiting.AspNetCore.Matching;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Matching;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("example.com", "example.com")]
    [InlineData("example.com:8080", "example.com")]
    [InlineData("example.com.", "example.com")]
    [InlineData("example.com.:8080", "example.com")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("[::1]:80", "[::1]")]
    [InlineData("[::1", "")]
    [InlineData("127.0.0.1:80", "127.0.0.1")]
    public void The_port_is_left_out(string host, string expected) => Assert.Equal(expected, HostName.WithoutPort(host));

    [Theory]
    [InlineData("example.com", true)]
    [InlineData("localhost", true)]
    [InlineData("a_b.example.com", true)]
    [InlineData("xn--mnchen-3ya.de", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("[2001:db8::1]", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("example..com", false)]
    [InlineData("example.com.", false)]
    [InlineData(".example.com", false)]
    [InlineData("example.com:80", false)]
    [InlineData("http://example.com", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("[2001:db8::1]:80", false)]
    [InlineData("[example.com]", false)]
    [InlineData("[", false)]
    [InlineData("münchen.de", false)]
    [InlineData("a b", false)]
    [InlineData("*", false)]
    public void A_host_is_a_name_or_an_address(string host, bool expected) => Assert.Equal(expected, HostName.IsValid(host));

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_label_has_at_most_63_characters(int length, bool expected) =>
        Assert.Equal(expected, HostName.IsValid(new string('a', length) + ".com"));

    [Theory]
    [InlineData(126, true)]
    [InlineData(127, true)]
    [InlineData(128, false)]
    public void A_name_has_at_most_253_characters(int labels, bool expected) =>
        Assert.Equal(expected, HostName.IsValid(string.Join('.', Enumerable.Repeat("a", labels))));
}
