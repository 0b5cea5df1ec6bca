using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080", true)]
    [InlineData("HTTPS://127.0.0.1:0/", "https://127.0.0.1:0", true)]
    [InlineData("http://10.1.2.3", "http://10.1.2.3:80", false)]
    [InlineData("https://[::1]", "https://[::1]:443", true)]
    [InlineData("http://[0:0::1]:1", "http://[::1]:1", true)]
    [InlineData("http://[::ffff:127.0.0.1]:1", "http://[::ffff:127.0.0.1]:1", true)]
    [InlineData("http://[::]:65535", "http://[::]:65535", false)]
    [InlineData("http://*:8080", "http://*:8080", false)]
    [InlineData("http://0.0.0.0:8080", "http://0.0.0.0:8080", false)]
    [InlineData("http://LocalHost:8080", "http://localhost:8080", true)]
    public void An_address_is_read(string text, string written, bool isLoopback)
    {
        Assert.True(ListenAddress.TryParse(text, out ListenAddress? address, out _));
        Assert.Equal(written, address.ToString());
        Assert.Equal(isLoopback, address.IsLoopback);
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("ftp://127.0.0.1:8080")]
    [InlineData("http://")]
    [InlineData("http://:8080")]
    [InlineData("http://example.com:8080")]
    [InlineData("http://127.1:8080")]
    [InlineData("http://010.0.0.1:8080")]
    [InlineData("http://::1:8080")]
    [InlineData("http://[::1")]
    [InlineData("http://[::1]8080")]
    [InlineData("http://[127.0.0.1]:8080")]
    [InlineData("http://[fe80::1%eth0]:8080")]
    [InlineData("http://127.0.0.1:")]
    [InlineData("http://127.0.0.1:65536")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://127.0.0.1:+1")]
    [InlineData("http://127.0.0.1:8080/path")]
    [InlineData("http://127.0.0.1:8080?query")]
    [InlineData("http://127.0.0.1:8080#fragment")]
    [InlineData("http://user@127.0.0.1:8080")]
    [InlineData("http://localhost:0")]
    [InlineData("http://[]:1")]
    public void What_cannot_be_listened_on_is_refused(string text)
    {
        Assert.False(ListenAddress.TryParse(text, out ListenAddress? address, out string? error));
        Assert.Null(address);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:1", true)]
    [InlineData("http://127.0.0.1:1", "https://127.0.0.1:1", true)]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:2", false)]
    [InlineData("http://127.0.0.1:0", "http://127.0.0.1:0", false)]
    [InlineData("http://*:1", "http://[::1]:1", true)]
    [InlineData("http://[::]:1", "http://10.0.0.1:1", true)]
    [InlineData("http://0.0.0.0:1", "http://localhost:1", true)]
    [InlineData("http://0.0.0.0:1", "http://[::1]:1", false)]
    [InlineData("http://localhost:1", "http://[::1]:1", true)]
    [InlineData("http://localhost:1", "http://127.0.0.2:1", false)]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.2:1", false)]
    public void Addresses_overlap_if_one_connection_could_reach_both(string x, string y, bool overlap)
    {
        Assert.True(ListenAddress.TryParse(x, out ListenAddress? first, out _));
        Assert.True(ListenAddress.TryParse(y, out ListenAddress? second, out _));
        Assert.Equal(overlap, first.Overlaps(second));
        Assert.Equal(overlap, second.Overlaps(first));
    }
}
