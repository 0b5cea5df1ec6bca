using MeliProxy.Sidecar.Forwarding.Direct;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace MeliProxy.Sidecar.Tests.Forwarding.Direct;

public class RequestTargetTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/categories/MLA97994")]
    [InlineData("/a//b///")]
    [InlineData("//a")]
    [InlineData("/a?b=c&d=/../e??")]
    [InlineData("/a?")]
    [InlineData("/.well-known/x")]
    [InlineData("/a...b/..c/d..")]
    [InlineData("/a%20b")]
    [InlineData("/a%2Fb?c=%41")]
    [InlineData("/a?q=ca%20f%C3%A9")]
    [InlineData("/a!$&'()*+,-;=:@_~")]
    public void Plain_targets_are_handed_on(string target) => Assert.True(RequestTarget.CanHandOn(target));

    [Theory]
    [InlineData("*")]
    [InlineData("http://other/a")]
    [InlineData("/a/../b")]
    [InlineData("/a/.")]
    [InlineData("/..")]
    [InlineData("/a/%2e%2E/b")]
    [InlineData("/a%")]
    [InlineData("/a?%41")]
    [InlineData("/a?b=%")]
    [InlineData("/a?b=%4")]
    [InlineData("/a?b=%zz")]
    [InlineData("/a?b=\"")]
    [InlineData("/a?b={c}")]
    [InlineData("/a|b")]
    [InlineData("/a\\b")]
    [InlineData("/a#b")]
    [InlineData("/é")]
    [InlineData("/a\u0001")]
    [InlineData("")]
    public void Others_are_left_to_YARP(string target) => Assert.Equal(target == "/a%", RequestTarget.CanHandOn(target));

    [Fact]
    public void What_is_handed_on_without_escapes_in_its_path_is_what_YARP_would_make_of_it()
    {
        const string alphabet = "abZ09-._~/?&=+%20%41%2e%2F:;@!$'()*,[]{}|\\^`\"<>#";
        Random random = new(7);
        int same = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string target = "/" + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            int mark = target.IndexOf('?', StringComparison.Ordinal);
            string path = mark < 0 ? target : target[..mark];
            if (!path.Contains('%', StringComparison.Ordinal) && RequestTarget.CanHandOn(target))
            {
                QueryString query = new(mark < 0 ? "" : target[mark..]);
                Assert.Equal(target, RequestUtilities.MakeDestinationAddress("http://h", path, query).PathAndQuery);
                same++;
            }
        }

        Assert.True(same > 1_000);
    }
}
