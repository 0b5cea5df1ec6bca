using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>Header fields of requests.</summary>
internal static class RequestHeaderExchanges
{
    /// <summary>Header lines beside <c>Host</c>.</summary>
    public static readonly string[] Lines =
    [
        "X-A: b", "x-a: b", "X-A:b", "X-A:   b  ", "X-A:\tb\t", "X-A:", "X-A: ", "X-A: a\r\nX-A: b", "X-A: a\r\nx-a: b\r\nX-A:\r\nX-A: c",
        "X-A: a, b, \"c, d\"",
        "X-A: caf\u00e9", "X-A: \u00c3\u00a9\u00ff\u0080", "X-\u00e9: a", "X-A: a\tb", "X-A: a\u0001b", "X-A: a\0b", "X-A: a\u007fb",
        "X_A: b", "X.A: b", "!#$%&'*+-.^_`|~: b",
        "1: b", "X(A: b", "X A: b", "X-A : b", " X-A: b", "X-A", ": b", "X-A: a\r\n b", "X-A: a\r\n\tb", "X-A: a\rb", "X-A: a\nX-B: b",
        "X-A: :b:c",
        "Connection: keep-alive", "Connection: close", "Connection: Keep-Alive, X-A\r\nX-A: b\r\nX-B: c", "Connection: x-a\r\nX-A: b",
        "Connection: close, X-A\r\nX-A: b",
        "Connection: X-A\r\nConnection: X-B\r\nX-A: a\r\nX-B: b", "Connection:", "Connection: ,", "Connection: Host",
        "Connection: Content-Length",
        "Connection: Authorization\r\nAuthorization: Basic eA==", "Connection: Cookie\r\nCookie: a=b", "Connection: TE\r\nTE: trailers",
        "Connection: X-Forwarded-For",
        "Connection: X-Forwarded-For\r\nX-Forwarded-For: 198.51.100.1", "Connection: keep-alive, close", "Connection: upgrade",
        "Keep-Alive: timeout=5, max=100", "Connection: keep-alive\r\nKeep-Alive: timeout=5", "Proxy-Connection: keep-alive",
        "Proxy-Authorization: Basic eA==",
        "Proxy-Authenticate: Basic", "Proxy-Authentication-Info: a", "Proxy-Features: a", "Proxy-Instruction: a", "Proxy-X: a",
        "Security-Scheme: a", "ALPN: h2", "Close: a", "HTTP2-Settings: a",
        "Upgrade-Insecure-Requests: 1", "Alt-Svc: h2=\":443\"", "Alt-Used: a", "Early-Data: 1", "Non-Compliance: a",
        "TE: trailers", "TE: trailers, deflate;q=0.5", "TE: gzip", "TE:", "TE: trailers\r\nTE: deflate", "TE: Trailers", "TE: chunked",
        "Trailer: X-T", "Trailers: X-T", "Upgrade: h2c",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
        "Connection: Upgrade\r\nUpgrade: foo/2",
        "Via: 1.0 a", "Via: 1.0 a\r\nVia: 1.1 b", "Max-Forwards: 0", "Forwarded: for=198.51.100.1;proto=https",
        "Forwarded: for=a\r\nForwarded: for=b",
        "X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: 203.0.113.2",
        "X-Forwarded-For: 198.51.100.1, 203.0.113.2", "X-Forwarded-For:", "X-Forwarded-For: nonsense",
        "X-Forwarded-Proto: https", "X-Forwarded-Proto: a\r\nX-Forwarded-Proto: b", "X-Forwarded-Host: other.example",
        "X-Forwarded-Host:", "X-Forwarded-Prefix: /a", "X-Forwarded-Port: 1", "X-Forwarded-Server: a", "X-Real-IP: 198.51.100.1",
        "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a\r\nForwarded: for=203.0.113.2",
        "Cookie: a=b", "Cookie: a=b; c=d", "Cookie: a=b\r\nCookie: c=d", "Cookie: a=b\r\nCookie: c=d\r\nCookie: e=f", "Cookie:",
        "Cookie: a=b\r\nCookie:", "Cookie: a=\"b, c\"\r\nCookie: d=e, f", "Set-Cookie: a=b",
        "Accept: */*", "Accept: text/html\r\nAccept: text/plain;q=0.5", "Accept-Encoding: gzip, br",
        "Accept-Encoding: gzip\r\nAccept-Encoding: br", "Accept-Encoding:", "Accept-Encoding: identity;q=0",
        "Accept-Language: es-AR, es;q=0.9", "Accept-Charset: utf-8",
        "Authorization: Bearer a.b.c", "Authorization: a\r\nAuthorization: b", "User-Agent: curl/8.0 (a; b)", "User-Agent:",
        "User-Agent: a\r\nUser-Agent: b", "User-Agent: (", "Referer: http://a/?b", "Referer: not a url", "From: a@b", "Origin: null",
        "Content-Type: text/plain", "Content-Type: nonsense", "Content-Type: text/plain\r\nContent-Type: text/html",
        "Content-Encoding: gzip", "Content-Language: es", "Content-Location: /a", "Content-Range: bytes 0-1/2",
        "Content-Disposition: attachment", "Content-MD5: eA==", "Content-Length: 0",
        "Allow: GET", "Expires: 0", "Last-Modified: yesterday", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT",
        "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Date: never", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "If-Modified-Since: never", "If-None-Match: \"a\", W/\"b\"", "If-None-Match: *", "If-None-Match: a", "If-Range: \"a\"",
        "Range: bytes=0-1,5-", "Range: nonsense", "Cache-Control: no-cache, max-age=0",
        "Cache-Control: no-cache\r\nCache-Control: max-age=0", "Pragma: no-cache", "Warning: 199 a \"b\"", "Priority: u=1", "DNT: 1",
        "Sec-Fetch-Mode: cors", "Transfer-Encoding:",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "traceparent: nonsense",
        "traceparent: a\r\ntraceparent: b", "tracestate: a=b", "baggage: a=b,c=d", "Correlation-Context: a=b", "Request-Id: |a.b.",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=b\r\ntracestate: c=d\r\nbaggage: e=f\r\nbaggage: g=h",
        "b3: 0", "X-Request-ID: a", "Server: a", "Host2: a", ":authority: a", ":path: /x",
        "grpc-timeout: 1S", "Content-Type: application/grpc", "X-HTTP-Method-Override: PUT", "Strict-Transport-Security: a", "Age: 1",
        "WWW-Authenticate: Basic", "Refresh: 1", "Location: /a", "Vary: a", "ETag: \"a\"", "Retry-After: 1",
    ];

    private static readonly string[] Hosts =
    [
        "Host: example.com", "Host: EXAMPLE.com:8080", "Host: [::1]:8080", "Host: 127.0.0.1", "Host:", "Host: ", "Host: a b", "Host: a/b",
        "Host: a@b", "Host: a:b", "Host: a:99999", "Host: caf\u00e9", "Host: xn--caf-dma", "Host: a_b", "Host: a,b",
        "Host: a\r\nHost: b", "Host: a\r\nHost: a", "host: a", "X-No-Host: a", "Host : a", "Host: a\r\n b",
    ];

    public static IEnumerable<Exchange> All()
    {
        foreach (string line in Lines)
        {
            yield return Exchange.Of($"header {Escape(line)}", Texts.Get("/items", line), Texts.Ok);
        }

        foreach (string line in Lines.Where(line => line.Contains("orwarded", StringComparison.Ordinal) || line.StartsWith("Via", StringComparison.Ordinal)))
        {
            yield return Exchange.Of($"header {Escape(line)} of a trusted client", Texts.Get("/items", line), Texts.Ok) with
            {
                Setting = Setting.TrustedClient,
            };
        }

        foreach (string host in Hosts)
        {
            yield return Exchange.Of($"host {Escape(host)}", Texts.Head("GET /items HTTP/1.1", host), Texts.Ok);
        }

        yield return Exchange.Of("host differs from the absolute target", Texts.Head("GET http://a/ HTTP/1.1", "Host: b"), Texts.Ok);
        foreach (int count in (int[])[50, 98, 99, 100, 200])
        {
            yield return Exchange.Of($"{count} headers more", Texts.Get("/", Enumerable.Range(0, count).Select(i => $"X-{i}: {i}")), Texts.Ok);
            yield return Exchange.Of($"a header {count} times", Texts.Get("/", Enumerable.Range(0, count).Select(i => $"X-A: {i}")), Texts.Ok);
        }

        foreach (int length in (int[])[1_000, 8_000, 16_000, 32_000, 33_000, 100_000])
        {
            yield return Exchange.Of($"header value of {length} bytes", Texts.Get("/", $"X-A: {Texts.Letters(length)}"), Texts.Ok);
            yield return Exchange.Of($"header name of {length} bytes", Texts.Get("/", $"{Texts.Letters(length)}: a"), Texts.Ok);
        }
    }

    private static string Escape(string line) => line.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
