using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>Answers that HTTP allows, however odd.</summary>
internal static class AnswerExchanges
{
    /// <summary>Header lines of an answer beside its length.</summary>
    public static readonly string[] Lines =
    [
        "Set-Cookie: a=b", "Set-Cookie: a=b; Path=/\r\nSet-Cookie: c=d; Expires=Sun, 06 Nov 1994 08:49:37 GMT\r\nset-cookie: e=f",
        "Set-Cookie:",
        "X-A: a\r\nX-A: b\r\nx-a: c", "X-A: a, b", "X-A:", "X-A:b", "X-A:   b \t", "x-LOWER-upper: a", "X-A: caf\u00e9",
        "X-A: \u00c3\u00a9\u00ff", "X-A: a\tb", "X_A: b", "!#$%&'*+-.^_`|~: b",
        "Connection: keep-alive", "Connection: X-A\r\nX-A: b\r\nX-B: c", "Connection: X-A, close\r\nX-A: b",
        "Connection: Set-Cookie\r\nSet-Cookie: a=b", "Connection: Content-Type\r\nContent-Type: a/b",
        "Keep-Alive: timeout=5", "Connection: keep-alive\r\nKeep-Alive: timeout=5, max=10", "Proxy-Connection: keep-alive",
        "Proxy-Authenticate: Basic", "Proxy-Authentication-Info: a", "Proxy-Authorization: a", "Proxy-Features: a",
        "Proxy-Instruction: a",
        "Upgrade: h2c", "Connection: Upgrade\r\nUpgrade: h2c, websocket", "TE: trailers", "Trailer: X-T", "Security-Scheme: a",
        "ALPN: h2", "Close: a", "HTTP2-Settings: a", "Alt-Svc: h2=\":443\"", "Alt-Svc: clear\r\nAlt-Svc: h3=\":1\"",
        "Server: nginx", "Server: a\r\nServer: b", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Date: never",
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT", "Via: 1.1 a", "Via: 1.1 a\r\nVia: 1.0 b", "Age: 10",
        "Content-Type: text/plain; charset=utf-8", "Content-Type: nonsense", "Content-Type: a/b\r\nContent-Type: c/d",
        "Content-Encoding: gzip", "Content-Encoding: gzip\r\nContent-Encoding: br", "Content-Language: es", "Content-Location: /a",
        "Content-Range: bytes 0-1/2", "Content-Range: nonsense", "Content-Disposition: attachment; filename=\"a\u00e9\"",
        "Content-MD5: a",
        "ETag: \"a\"", "ETag: a", "Last-Modified: never", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT", "Expires: 0", "Expires: -1",
        "Cache-Control: no-store, max-age=0", "Cache-Control: a\r\nCache-Control: b", "Pragma: no-cache", "Vary: *", "Vary: a\r\nVary: b",
        "Warning: 199 a \"b\"",
        "Location: /a", "Location: http://other.example/\u00e9", "Location: not a url \"<>", "Retry-After: 10",
        "WWW-Authenticate: Basic realm=\"a\"", "WWW-Authenticate: Basic\r\nWWW-Authenticate: Bearer", "Allow: GET, HEAD", "Allow:",
        "Accept-Ranges: bytes", "Accept-Patch: a/b", "Link: </a>; rel=preload",
        "Strict-Transport-Security: max-age=1", "Access-Control-Allow-Origin: *", "X-Powered-By: a", "RateLimit: a", "P3P: CP=\"a\"",
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "Host: a", "Cookie: a=b", "Expect: 100-continue",
        "Sec-WebSocket-Accept: a", "grpc-status: 0", ":status: 500",
    ];

    public static readonly string[] Statuses =
    [
        "200 OK", "200 Something else", "200 ", "200", "200 \u00e9", "201 Created", "202 Accepted", "203 Non-Authoritative",
        "206 Partial Content", "207 Multi-Status", "299 Unknown", "300 Multiple Choices", "301 Moved", "302 Found", "303 See Other",
        "305 Use Proxy", "307 Temporary", "308 Permanent",
        "400 Bad", "401 Unauthorized", "402 Pay", "403 Forbidden", "404 Not Found", "405 Not Allowed", "407 Proxy", "408 Timeout",
        "409 Conflict", "410 Gone", "411 Length", "413 Too Large", "416 Range", "417 Expectation", "418 Tea", "421 Misdirected",
        "425 Early", "426 Upgrade", "429 Too Many", "431 Headers", "451 Legal", "499 Closed",
        "500 Error", "501 Not Implemented", "502 Bad Gateway", "503 Unavailable", "504 Timeout", "505 Version", "511 Network",
        "599 Unknown", "600 Beyond", "999 Denied",
    ];

    public static IEnumerable<Exchange> All() =>
    [
        .. Statuses.Select(status => Exchange.Of($"status {status}", Texts.Plain, Texts.Answer(status, "body"))),
        .. Lines.Select(line => Exchange.Of($"answer header {Escape(line)}", Texts.Plain, Texts.Answer("200 OK", "body", line))),
        .. Bodiless(),
        .. Framings(),
        .. Sizes(),
        .. Splits(),
        .. Interim(),
        .. Early(),
    ];

    /// <summary>Answers that have no body, whatever their header says.</summary>
    private static IEnumerable<Exchange> Bodiless()
    {
        foreach (string status in (string[])["204 No Content", "304 Not Modified", "205 Reset Content"])
        {
            foreach (string header in (string[])["", "Content-Length: 0", "Content-Length: 5", "Transfer-Encoding: chunked", "ETag: \"a\"", "Content-Type: a/b"])
            {
                // 205 is framed as others are, so without a framing it would end with the connection.
                bool isClosed = status.StartsWith("205", StringComparison.Ordinal)
                    && !header.StartsWith("Content-Length", StringComparison.Ordinal)
                    && !header.StartsWith("Transfer", StringComparison.Ordinal);
                string body = !status.StartsWith("205", StringComparison.Ordinal) ? ""
                    : header == "Content-Length: 5" ? "hello"
                    : header == "Transfer-Encoding: chunked" ? "5\r\nhello\r\n0\r\n\r\n"
                    : "";
                yield return new Exchange(
                    $"{status} with {(header.Length > 0 ? header : "nothing")}",
                    [Step.Send(Texts.Plain)],
                    [Step.ReadRest, Step.Send(Texts.Head($"HTTP/1.1 {status}", header.Length > 0 ? [header] : []) + body), .. isClosed ? [Step.Close] : Array.Empty<Step>()]);
            }
        }

        foreach (string header in (string[])["", "Content-Length: 0", "Content-Length: 5", "Transfer-Encoding: chunked", "Content-Length: 5\r\nConnection: close"])
        {
            foreach (string status in (string[])["200 OK", "204 No Content", "304 Not Modified", "404 Not Found"])
            {
                yield return Exchange.Of(
                    $"HEAD, {status} with {(header.Length > 0 ? Escape(header) : "nothing")}",
                    Texts.Request("HEAD", "/items"),
                    Texts.Head($"HTTP/1.1 {status}", header.Length > 0 ? [header] : []));
            }
        }

        yield return Exchange.Of("HEAD, answer with a body", Texts.Request("HEAD", "/items"), Texts.Answer("200 OK", "hello"));
        yield return Exchange.Of("204 with a body", Texts.Plain, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello");
        yield return Exchange.Of("304 with a body", Texts.Plain, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello");
        yield return Exchange.Of("204 to a POST", Texts.PostWithLength("hello"), "HTTP/1.1 204 No Content\r\n\r\n");
        yield return Exchange.Of("200 with length 0 to a POST", Texts.PostWithLength("hello"), Texts.Answer("200 OK", ""));
    }

    private static IEnumerable<Exchange> Framings()
    {
        foreach ((string name, string chunks) in ((string, string)[])
            [
                ("none", "0\r\n\r\n"),
                ("one", "5\r\nhello\r\n0\r\n\r\n"),
                ("many", string.Concat(Enumerable.Range(0, 300).Select(i => Texts.Chunk($"part {i}"))) + "0\r\n\r\n"),
                ("extension", "5;a=b\r\nhello\r\n0;c\r\n\r\n"),
                ("extension in quotes", "5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n"),
                ("extension with blanks", "5 ; a = b\r\nhello\r\n0\r\n\r\n"),
                ("blank after the size", "5 \r\nhello\r\n0 \r\n\r\n"),
                ("size with zeros", "0000000005\r\nhello\r\n000\r\n\r\n"),
                ("size in capitals", "A\r\nabcdefghij\r\n0\r\n\r\n"),
                ("trailer", "5\r\nhello\r\n0\r\nX-T: u\r\n\r\n"),
                ("trailers", "5\r\nhello\r\n0\r\nX-T: u\r\nX-T: v\r\nX-W: \u00e9\r\nx-empty:\r\n\r\n"),
                ("trailer that frames", "5\r\nhello\r\n0\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"),
                ("trailer of a cookie", "5\r\nhello\r\n0\r\nSet-Cookie: a=b\r\nConnection: close\r\n\r\n"),
            ])
        {
            yield return Exchange.Of($"answer in chunks: {name}", Texts.Plain, Texts.AnswerInChunks(chunks));
            yield return Exchange.Of($"answer in chunks, announced: {name}", Texts.Plain, Texts.AnswerInChunks(chunks, "Trailer: X-T, X-W"));
        }

        yield return Exchange.Of("answer with trailers to TE", Texts.Get("/", "TE: trailers"), Texts.AnswerInChunks("5\r\nhello\r\n0\r\nX-T: u\r\n\r\n", "Trailer: X-T"));
        foreach (string encoding in (string[])["Chunked", "chunked, chunked", "gzip, chunked", "xchunked", "identity", "gzip", "chunked\r\nTransfer-Encoding: chunked", "\"chunked\"", "chunked;a", ""])
        {
            // Some of these have no end but the connection's.
            yield return new Exchange(
                $"answer with Transfer-Encoding: {Escape(encoding)}",
                [Step.Send(Texts.Plain)],
                [Step.ReadRest, Step.Send($"HTTP/1.1 200 OK\r\nTransfer-Encoding: {encoding}\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), Step.Close]);
        }

        foreach (string body in (string[])["", "h", "hello", Texts.Bytes(100_000)])
        {
            yield return new Exchange(
                $"answer of {body.Length} bytes that ends with the connection",
                [Step.Send(Texts.Plain)],
                [Step.ReadRest, Step.Send($"HTTP/1.1 200 OK\r\n\r\n{body}"), Step.Close]);
            yield return new Exchange(
                $"answer of {body.Length} bytes in HTTP/1.0", [Step.Send(Texts.Plain)], [Step.ReadRest, Step.Send($"HTTP/1.0 200 OK\r\n\r\n{body}"), Step.Close]);
            yield return new Exchange(
                $"answer of {body.Length} bytes and Connection: close",
                [Step.Send(Texts.Plain)],
                [Step.ReadRest, Step.Send(Texts.Answer("200 OK", body, "Connection: close")), Step.Close]);
        }

        yield return Exchange.Of("answer in HTTP/1.0 with a length", Texts.Plain, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        yield return Exchange.Of(
            "answer in HTTP/1.0 with a length and keep-alive", Texts.Plain,
            "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello");
        yield return Exchange.Of("answer says close and does not", Texts.Plain, Texts.Answer("200 OK", "body", "Connection: close"));
        yield return new Exchange(
            "answer is whole and the connection is closed, unannounced", [Step.Send(Texts.Plain)],
            [Step.ReadRest, Step.Send(Texts.Ok), Step.Close]);
        yield return new Exchange(
            "answer is whole, and has been read, and the connection is reset",
            [Step.Send(Texts.Plain), Step.Await(Milestone.UpstreamSteps, 4)],
            [Step.ReadRest, Step.Send(Texts.Ok), Step.Await(Milestone.Answers), Step.Reset]);
        yield return Exchange.Of("two answers at once", Texts.Plain, Texts.Ok + Texts.Answer("200 OK", "not asked for"));
        yield return Exchange.Of("garbage after the answer", Texts.Plain, $"{Texts.Ok}garbage");
        yield return Exchange.Of("garbage after the last chunk", Texts.Plain, Texts.AnswerInChunks("0\r\n\r\ngarbage"));
        yield return Exchange.Of("an answer after one to HEAD", Texts.Request("HEAD", "/"), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + Texts.Answer("200 OK", "not asked for"));
    }

    private static IEnumerable<Exchange> Sizes()
    {
        foreach (int size in (int[])[0, 1, 1_000, 4_096, 16_384, 65_536, 1_000_000])
        {
            string body = Texts.Bytes(size);
            yield return Exchange.Of($"answer of {size} bytes", Texts.Plain, Texts.Answer("200 OK", body));
            yield return Exchange.Of(
                $"answer of {size} bytes in chunks",
                Texts.Plain,
                Texts.AnswerInChunks(string.Concat(body.Chunk(5_000).Select(part => Texts.Chunk(new string(part)))) + "0\r\n\r\n"));
        }

        foreach (int length in (int[])[1_000, 8_000, 16_000, 30_000, 40_000, 60_000])
        {
            yield return Exchange.Of($"answer header of {length} bytes", Texts.Plain, Texts.Answer("200 OK", "body", $"X-A: {Texts.Letters(length)}"));
        }

        foreach (int count in (int[])[50, 100, 500, 2_000])
        {
            yield return Exchange.Of(
                $"{count} answer headers", Texts.Plain, Texts.Answer("200 OK", "body", Enumerable.Range(0, count).Select(i => $"X-{i}: {i}")));
            yield return Exchange.Of(
                $"an answer header {count} times", Texts.Plain, Texts.Answer("200 OK", "body", Enumerable.Range(0, count).Select(i => $"X-A: {i}")));
        }

        yield return Exchange.Of("reason phrase of 1,000 letters", Texts.Plain, Texts.Answer($"200 {Texts.Letters(1_000)}", "body"));
    }

    /// <summary>A small answer cut in two at each of its bytes, and into its bytes.</summary>
    private static IEnumerable<Exchange> Splits()
    {
        foreach ((string name, string answer) in ((string, string)[])
            [
                ("length", Texts.Answer("200 OK", "hello", "A: b")),
                ("chunks", Texts.AnswerInChunks("5;a\r\nhello\r\n3\r\nyou\r\n0\r\nX-T: u\r\n\r\n")),
                ("100", "HTTP/1.1 100 Continue\r\n\r\n" + Texts.Ok),
            ])
        {
            for (int at = 1; at < answer.Length; at++)
            {
                yield return new Exchange(
                    $"answer with {name} cut at {at}",
                    [Step.Send(Texts.Plain)],
                    [Step.ReadRest, Step.Send(answer[..at]), Step.Send(answer[at..])]);
            }

            yield return new Exchange($"answer with {name} byte by byte", [Step.Send(Texts.Plain)], [Step.ReadRest, .. Step.SendInPieces(answer, 1)]);
        }

        // Each piece is sent when the client has the one before: a proxy that waits for more would hang.
        yield return new Exchange(
            "answer with length piece by piece",
            [Step.Send(Texts.Plain)],
            [
                Step.ReadRest, Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na"), Step.Await(Milestone.AnswerBody),
                Step.Send("b"), Step.Await(Milestone.AnswerBody, 2), Step.Send("c"),
            ]);
        yield return new Exchange(
            "answer in chunks one by one",
            [Step.Send(Texts.Plain)],
            [
                Step.ReadRest, Step.Send(Texts.AnswerInChunks(Texts.Chunk("a"))), Step.Await(Milestone.AnswerBody),
                Step.Send(Texts.Chunk("b")), Step.Await(Milestone.AnswerBody, 2), Step.Send("0\r\n\r\n"),
            ]);
        yield return new Exchange(
            "answer that ends with the connection piece by piece",
            [Step.Send(Texts.Plain)],
            [
                Step.ReadRest, Step.Send("HTTP/1.1 200 OK\r\n\r\na"), Step.Await(Milestone.AnswerBody),
                Step.Send("b"), Step.Await(Milestone.AnswerBody, 2), Step.Close,
            ]);
    }

    private static IEnumerable<Exchange> Interim()
    {
        const string Hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
        foreach ((string name, string interim) in ((string, string)[])
            [
                ("100", "HTTP/1.1 100 Continue\r\n\r\n"),
                ("100 with a header", "HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n"),
                ("100 with a length", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n"),
                ("102", "HTTP/1.1 102 Processing\r\n\r\n"),
                ("103", Hints),
                ("103 with a cookie", "HTTP/1.1 103 Early Hints\r\nSet-Cookie: a=b\r\n\r\n"),
                ("199", "HTTP/1.1 199 Unknown\r\n\r\n"),
                ("100, 102, 103, 103", $"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n{Hints}{Hints}"),
                ("twenty", string.Concat(Enumerable.Repeat(Hints, 20))),
            ])
        {
            yield return Exchange.Of($"interim {name}", Texts.Plain, interim + Texts.Ok);
            yield return Exchange.Of($"interim {name} to a POST", Texts.PostWithLength("hello"), interim + Texts.Ok);
            yield return Exchange.Of($"interim {name}, then 204", Texts.Plain, $"{interim}HTTP/1.1 204 No Content\r\n\r\n");
            yield return Exchange.Broken($"interim {name}, then nothing", Texts.Plain, Step.Send(interim), Step.Close) with { Freedom = Freedom.None };
        }

        yield return Exchange.Broken("101 unasked", Texts.Plain, Step.Send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n"), Step.AwaitEnd)
            with { Freedom = Freedom.None };
        yield return Exchange.Broken("101 unasked and bytes", Texts.Plain, Step.Send("HTTP/1.1 101 Switching Protocols\r\n\r\nhello"), Step.AwaitEnd) with
        {
            Freedom = Freedom.None,
        };
    }

    /// <summary>
    /// Answers before the request's body has come. The client does not wait for them, as YARP takes no answer before it has sent the body.
    /// </summary>
    private static IEnumerable<Exchange> Early()
    {
        string begun = Texts.Post(Texts.Part, Texts.Length(Texts.Part.Length + 7));
        string begunInChunks = Texts.PostInChunks(Texts.Chunk(Texts.Part));
        foreach ((string framing, string first, string rest) in ((string, string, string)[])
            [("length", begun, "defghij"), ("chunks", begunInChunks, "2\r\nde\r\n0\r\n\r\n")])
        {
            IReadOnlyList<Step> client = [Step.Send(first), Step.Await(Milestone.UpstreamSteps, 2), Step.Send(rest)];
            Step part = Step.ReadBody(Texts.SurePart);
            yield return new Exchange($"early answer, {framing}", client, [part, Step.Send(Texts.Answer("403 Forbidden", "no")), Step.ReadRest]);
            yield return new Exchange(
                $"early answer that closes, {framing}", client, [part, Step.Send(Texts.Answer("413 Too Large", "no", "Connection: close")), Step.Close]);
            yield return new Exchange(
                $"early answer in chunks, {framing}", client, [part, Step.Send(Texts.AnswerInChunks("2\r\nno\r\n0\r\n\r\n")), Step.ReadRest]);
            yield return new Exchange(
                $"early answer that ends with the connection, {framing}", client, [part, Step.Send("HTTP/1.1 200 OK\r\n\r\nno"), Step.Close]);
            yield return new Exchange(
                $"head of the answer before the rest of the body, {framing}",
                client,
                [part, Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhe"), Step.ReadRest, Step.Send("re")]);
            yield return new Exchange(
                $"early answer, {framing}; the client leaves instead of sending the rest",
                [Step.Send(first), Step.Await(Milestone.UpstreamSteps, 2), Step.Reset],
                [part, Step.Send(Texts.Answer("403 Forbidden", "no")), Step.AwaitEnd]) { Freedom = Freedom.WhatClientReads };
        }
    }

    private static string Escape(string line) => line.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
