using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>Versions of HTTP, several requests on a connection, and connections that become something else.</summary>
internal static class ConnectionExchanges
{
    public static IEnumerable<Exchange> All() => [.. Versions(), .. Pipelined(), .. Upgraded()];

    private static IEnumerable<Exchange> Versions()
    {
        string inChunks = Texts.AnswerInChunks("5\r\nhello\r\n0\r\nX-T: u\r\n\r\n");
        foreach ((string name, string answer) in ((string, string)[])
            [
                ("length", Texts.Ok), ("chunks", inChunks), ("close", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"),
                ("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello"), ("204", "HTTP/1.1 204 No Content\r\n\r\n"),
                ("103", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + Texts.Ok),
            ])
        {
            List<Step> script = [Step.ReadRest, Step.Send(answer)];
            if (name is "close" or "HTTP/1.0")
            {
                script.Add(Step.Close);
            }

            yield return new Exchange($"HTTP/1.0, answer with {name}", [Step.Send("GET /a HTTP/1.0\r\nHost: b\r\n\r\n")], script);
            yield return new Exchange(
                $"HTTP/1.0 keep-alive, answer with {name}", [Step.Send("GET /a HTTP/1.0\r\nHost: b\r\nConnection: keep-alive\r\n\r\n")], script);
            yield return new Exchange(
                $"HTTP/1.1 close, answer with {name}", [Step.Send("GET /a HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")], script);
        }

        foreach ((string name, IReadOnlyList<Step> broken) in ((string, IReadOnlyList<Step>)[])
            [
                ("length", [Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), Step.Await(Milestone.AnswerBody, 3), Step.Close]),
                ("chunks", [Step.Send(Texts.AnswerInChunks(Texts.Chunk("abc"))), Step.Await(Milestone.AnswerBody, 3), Step.Close]),
                ("reset", [Step.Send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"), Step.Await(Milestone.AnswerBody, 3), Step.Reset]),
            ])
        {
            // To this client the connection's end is the answer's, so only a reset can tell that something is missing.
            yield return Exchange.Broken($"HTTP/1.0, answer cut: {name}", "GET /a HTTP/1.0\r\nHost: b\r\n\r\n", broken) with { Freedom = Freedom.None };
        }

        yield return Exchange.Of("HTTP/1.0 without a host", "GET /a HTTP/1.0\r\n\r\n", Texts.Ok);
        yield return Exchange.Of("HTTP/1.0 with a body", "POST /a HTTP/1.0\r\nHost: b\r\nContent-Length: 5\r\n\r\nhello", Texts.Ok);
        yield return Exchange.Of("HTTP/1.0 with a body and no length", "POST /a HTTP/1.0\r\nHost: b\r\n\r\n", Texts.Ok);
        yield return Exchange.Of("HTTP/1.0 in chunks", "POST /a HTTP/1.0\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Texts.Ok);
        yield return Exchange.Of("HTTP/1.0 HEAD", "HEAD /a HTTP/1.0\r\nHost: b\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        foreach (string version in (string[])["HTTP/1.2", "HTTP/0.9", "HTTP/2.0", "HTTP/3", "http/1.1", "HTTP/1.1a", "HTTPS/1.1", "HTTP/11"])
        {
            yield return Exchange.Of($"version {version}", $"GET /a {version}\r\nHost: b\r\n\r\n", Texts.Ok);
        }

        yield return Exchange.Of("no version", "GET /a\r\n\r\n", Texts.Ok);
        yield return Exchange.Of("bare LF as line ends", "GET /a HTTP/1.1\nHost: b\n\n", Texts.Ok);
        yield return Exchange.Of("garbage", "\u0000\u0001\u0002\u0003\r\n\r\n", Texts.Ok);
        yield return Exchange.Of("TLS", "\u0016\u0003\u0001\u0000\u0005\u0001\u0000\u0000\u0001\u0003\r\n\r\n", Texts.Ok);
    }

    private static IEnumerable<Exchange> Pipelined()
    {
        IReadOnlyList<Step> One = [Step.ReadRest, Step.Send(Texts.Answer("200 OK", "one"))];
        IReadOnlyList<Step> Two = [Step.ReadRest, Step.Send(Texts.AnswerInChunks("3\r\ntwo\r\n0\r\n\r\n"))];
        IReadOnlyList<Step> Three = [Step.ReadRest, Step.Send(Texts.Answer("404 Not Found", "three"))];
        yield return new Exchange("two requests", [Step.Send(Texts.Get("/1") + Texts.Get("/2"))], One, Two) { Methods = ["GET", "GET"] };
        yield return new Exchange(
            "three requests, one with a body", [Step.Send(Texts.Get("/1") + Texts.PostWithLength("hello") + Texts.Get("/3"))], One, Two,
            Three)
        {
            Methods = ["GET", "POST", "GET"],
        };
        yield return new Exchange(
            "requests with chunks and trailers",
            [Step.Send(Texts.PostInChunks("1\r\na\r\n0\r\nX-T: u\r\n\r\n") + Texts.PostInChunks("1\r\nb\r\n0\r\n\r\n") + Texts.Get("/3"))],
            One,
            Two,
            Three) { Methods = ["POST", "POST", "GET"] };
        yield return new Exchange("HEAD, then GET", [Step.Send(Texts.Request("HEAD", "/1") + Texts.Get("/2"))],
            [Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")], Two) { Methods = ["HEAD", "GET"] };
        yield return new Exchange(
            "a close, then another request", [Step.Send(Texts.Get("/1", "Connection: close") + Texts.Get("/2"))], One, Two);
        yield return new Exchange("a request, then garbage", [Step.Send(Texts.Get("/1") + "garbage\r\n\r\n")], One) { Methods = ["GET", "GET"] };
        yield return new Exchange(
            "a request, then one that is too long", [Step.Send(Texts.Get("/1") + Texts.Get($"/{Texts.Letters(9_000)}"))],
            One) { Methods = ["GET", "GET"] };
        yield return new Exchange(
            "the first answer closes the upstream's connection",
            [Step.Send(Texts.Get("/1") + Texts.Get("/2"))],
            [Step.ReadRest, Step.Send(Texts.Answer("200 OK", "one", "Connection: close")), Step.Close],
            Two) { Methods = ["GET", "GET"] };
        yield return new Exchange(
            "the upstream closes between two requests, and says nothing",
            [Step.Send(Texts.Get("/1")), Step.Await(Milestone.Answers), Step.Await(Milestone.UpstreamSteps, 3), Step.Send(Texts.Get("/2"))],
            [Step.ReadRest, Step.Send(Texts.Answer("200 OK", "one")), Step.Close],
            Two) { Methods = ["GET", "GET"] };
        yield return new Exchange(
            "the upstream closes between two requests with bodies, as it has said",
            [Step.Send(Texts.PostWithLength("hello")), Step.Await(Milestone.Answers), Step.Await(Milestone.UpstreamSteps, 3), Step.Send(Texts.PostWithLength("again"))],
            [Step.ReadRest, Step.Send(Texts.Answer("200 OK", "one", "Connection: close")), Step.Close],
            Two) { Methods = ["POST", "POST"] };
        yield return new Exchange(
            "the second answer fails",
            [Step.Send(Texts.Get("/1") + Texts.Get("/2"))],
            One,
            [Step.ReadRest, Step.Send("garbage\r\n\r\n"), Step.Close]) { Methods = ["GET", "GET"] };
        yield return new Exchange(
            "ten requests",
            [Step.Send(string.Concat(Enumerable.Range(0, 10).Select(i => Texts.Get($"/{i}"))))],
            One) { Methods = [.. Enumerable.Repeat("GET", 10)] };
    }

    private static IEnumerable<Exchange> Upgraded()
    {
        string[] webSocket = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"];
        string switching = Texts.Head(
            "HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        yield return new Exchange(
            "WebSocket, bytes both ways, the upstream closes",
            [Step.Send(Texts.Get("/ws", webSocket)), Step.Await(Milestone.AnswerHeads), Step.Send("ping"), Step.Await(Milestone.AnswerBody, 4)],
            [Step.Send(switching), Step.Send("pong"), Step.Await(Milestone.AnswerBody, 4), Step.Close]);
        yield return new Exchange(
            "WebSocket, refused", [Step.Send(Texts.Get("/ws", webSocket))], [Step.Send(Texts.Answer("403 Forbidden", "no"))]);
        yield return new Exchange(
            "WebSocket, ignored", [Step.Send(Texts.Get("/ws", webSocket))], [Step.Send(Texts.Ok)]);
        yield return new Exchange(
            "upgrade to something unknown, ignored", [Step.Send(Texts.Get("/a", "Connection: Upgrade", "Upgrade: foo"))],
            [Step.Send(Texts.Ok)]);
    }
}
