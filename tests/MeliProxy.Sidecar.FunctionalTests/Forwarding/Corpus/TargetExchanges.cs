using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>Methods and request targets.</summary>
internal static class TargetExchanges
{
    private static readonly string[] Methods =
        ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "X", "M-SEARCH", "PRI", "GE(T"];

    private static readonly string[] Targets =
    [
        "/", "/a/b", "/a/", "//", "//a//b", "/a//", "/a%2Fb", "/a%2fb", "/a%252Fb", "/a%20b", "/a+b", "/%41%42", "/%7Ea/~b", "/%c3%a9",
        "/%C3%A9", "/%E0%A4", "/%ff", "/a%00b", "/a%0d%0ab", "/a%5Cb", "/a%3Fb", "/a%23b", "/a%3Bb;c=1,d", "/a%25", "/a%", "/a%4", "/a%zz",
        "/a/./b", "/a/../b", "/..", "/../a", "/a/..", "/a/.", "/...", "/.a", "/a%2F..%2Fb", "/a/%2e%2e/b", "/%2E%2E/%2e/a", "/a%2F.%2e%2Fb",
        "/x/..%2F../b", "/a\\b", "/a\\..\\b", "/a?", "/a?b", "/a?b=c&b=d&e=", "/?a", "?a", "/a?b?c", "/a?b#c", "/a#b", "/a?b%2Fc%20d+e",
        "/a?b=%zz", "/a?b=c/../d", "/a?b='\"<>", "/a?b=^`{|}", "/a?b=\\[]", "/\"", "/<a>", "/a^b", "/a`b", "/{a}", "/a|b", "/[a]", "/a:b@c",
        "/a!$&'()*+,;=b", "/a:80/b", "/:a", "/*", "*", "a", "/a b", "/a\tb", "/a\u007fb", "/a\u0001b", "/\u00e9", "/\u00c3\u00a9",
        "/a?\u00e9",
        "/a?\u00c3\u00a9", "http://example.com/a", "http://example.com", "http://example.com?a=b", "http://other.example/a?b=c",
        "HTTP://EXAMPLE.COM/A",
        "https://example.com/a", "http://user:pw@example.com/a", "http://example.com:8080/a%2Fb/../c", "http://[::1]/a", "http:///a",
        "ftp://example.com/a", "example.com:443", "/http://example.com/a",
    ];

    public static IEnumerable<Exchange> All()
    {
        foreach (string method in Methods)
        {
            yield return Exchange.Of($"method {method}", Texts.Request(method, "/items"), Texts.Ok);
        }

        foreach (string target in Targets)
        {
            yield return Exchange.Of($"target {target}", Texts.Get(target), Texts.Ok);
        }

        foreach (string target in Targets)
        {
            yield return Exchange.Of($"target {target} below a path", Texts.Get(target), Texts.Ok) with { Setting = Setting.UpstreamWithPath };
        }

        yield return Exchange.Of("OPTIONS *", Texts.Request("OPTIONS", "*"), Texts.Ok);
        yield return Exchange.Of("HEAD with query", Texts.Request("HEAD", "/a?b=%2F"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
        yield return Exchange.Of("CONNECT to an authority", Texts.Request("CONNECT", "example.com:443"), Texts.Ok);
        foreach (int length in (int[])[2_000, 8_000, 8_150, 9_000, 20_000])
        {
            yield return Exchange.Of($"target of {length} characters", Texts.Get($"/{Texts.Letters(length - 1)}"), Texts.Ok);
            yield return Exchange.Of($"query of {length} characters", Texts.Get($"/?{Texts.Letters(length - 2)}"), Texts.Ok);
        }

        yield return Exchange.Of(
            "path of many segments", Texts.Get(string.Concat(Enumerable.Range(0, 500).Select(i => $"/{i}"))), Texts.Ok);
        yield return Exchange.Of("method of 200 letters", Texts.Request(Texts.Letters(200), "/"), Texts.Ok);
        yield return Exchange.Of("no target", "GET HTTP/1.1\r\nHost: example.com\r\n\r\n", Texts.Ok);
        yield return Exchange.Of("two blanks before the target", "GET  / HTTP/1.1\r\nHost: example.com\r\n\r\n", Texts.Ok);
        yield return Exchange.Of("blank after the version", "GET / HTTP/1.1 \r\nHost: example.com\r\n\r\n", Texts.Ok);
        yield return Exchange.Of("empty line before the request", "\r\nGET / HTTP/1.1\r\nHost: example.com\r\n\r\n", Texts.Ok) with { Methods = ["GET"] };
    }
}
