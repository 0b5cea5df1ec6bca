using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>Bodies of requests, and how they are framed, well and badly.</summary>
internal static class RequestBodyExchanges
{
    private const string LastChunk = "0\r\n\r\n";

    /// <summary>What the proxy cannot tell the end of, or where two readers might see different ends: the shapes of request smuggling.</summary>
    private static readonly (string Name, string Headers, string Body)[] Shapes =
    [
        ("length, then chunked", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
        ("chunked, then length", "Transfer-Encoding: chunked\r\nContent-Length: 5", "5\r\nhello\r\n0\r\n\r\n"),
        ("chunked and length 0", "Transfer-Encoding: chunked\r\nContent-Length: 0", "5\r\nhello\r\n0\r\n\r\n"),
        ("chunked twice in one field", "Transfer-Encoding: chunked, chunked", LastChunk),
        ("chunked twice in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", LastChunk),
        ("xchunked", "Transfer-Encoding: xchunked", LastChunk),
        ("identity", "Transfer-Encoding: identity", ""),
        ("identity and length", "Transfer-Encoding: identity\r\nContent-Length: 5", "hello"),
        ("gzip, chunked", "Transfer-Encoding: gzip, chunked", LastChunk),
        ("chunked, gzip", "Transfer-Encoding: chunked, gzip", LastChunk),
        ("gzip", "Transfer-Encoding: gzip", ""),
        ("chunked, identity", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", LastChunk),
        ("Chunked with a capital", "Transfer-Encoding: Chunked", "1\r\na\r\n0\r\n\r\n"),
        ("chunked with blanks around", "Transfer-Encoding: \t chunked \t", "1\r\na\r\n0\r\n\r\n"),
        ("chunked in quotes", "Transfer-Encoding: \"chunked\"", LastChunk),
        ("chunked with a parameter", "Transfer-Encoding: chunked;a=b", LastChunk),
        ("chunked with a comma after", "Transfer-Encoding: chunked,", LastChunk),
        ("chunked with a comma before", "Transfer-Encoding: ,chunked", LastChunk),
        ("chunked with a vertical tab", "Transfer-Encoding: \vchunked", LastChunk),
        ("chunked with a blank before the colon", "Transfer-Encoding : chunked", LastChunk),
        ("chunked on a folded line", "Transfer-Encoding:\r\n chunked", LastChunk),
        ("chunked with a bare CR", "Transfer-Encoding:\rchunked", LastChunk),
        ("chunked behind a bare LF", "X-A: b\nTransfer-Encoding: chunked", LastChunk),
        ("underscore", "Transfer_Encoding: chunked\r\nContent-Length: 5", "hello"),
        ("empty encoding and length", "Transfer-Encoding:\r\nContent-Length: 5", "hello"),
        ("encoding listed in Connection", "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked", "1\r\na\r\n0\r\n\r\n"),
        ("length listed in Connection", "Connection: Content-Length\r\nContent-Length: 5", "hello"),
        ("two lengths", "Content-Length: 5\r\nContent-Length: 6", "hello!"),
        ("two equal lengths", "Content-Length: 5\r\nContent-Length: 5", "hello"),
        ("two equal lengths in one field", "Content-Length: 5, 5", "hello"),
        ("length with plus", "Content-Length: +5", "hello"),
        ("length with minus", "Content-Length: -5", "hello"),
        ("length with blanks around", "Content-Length:   5  ", "hello"),
        ("length with a blank inside", "Content-Length: 5 5", "hello"),
        ("length with zeros", "Content-Length: 0005", "hello"),
        ("length in hex", "Content-Length: 0x5", "hello"),
        ("length of a fraction", "Content-Length: 5.0", "hello"),
        ("length beyond 64 bits", "Content-Length: 18446744073709551621", "hello"),
        ("length empty", "Content-Length:", ""),
        ("length garbage", "Content-Length: abc", ""),
        ("length with a blank before the colon", "Content-Length : 5", "hello"),
        ("length on a folded line", "Content-Length:\r\n 5", "hello"),
        ("neither length nor chunked", "X-A: b", ""),
    ];

    private static readonly (string Name, string Chunks)[] GoodChunks =
    [
        ("none", LastChunk),
        ("one", "5\r\nhello\r\n0\r\n\r\n"),
        ("two", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
        ("size with zeros", "00005\r\nhello\r\n000\r\n\r\n"),
        ("size in capitals", "A\r\nabcdefghij\r\n0\r\n\r\n"),
        ("extension", "5;a=b\r\nhello\r\n0\r\n\r\n"),
        ("extension in quotes", "5;a=\"b;c\"\r\nhello\r\n0;d\r\n\r\n"),
        ("extension with blanks", "5 ; a = b\r\nhello\r\n0\r\n\r\n"),
        ("trailer", "5\r\nhello\r\n0\r\nX-T: u\r\n\r\n"),
        ("trailers", "5\r\nhello\r\n0\r\nX-T: u\r\nX-T: v\r\nX-W: \u00e9\r\n\r\n"),
        ("trailer that frames", "5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n"),
        ("trailer of authorization", "5\r\nhello\r\n0\r\nAuthorization: a\r\nHost: b\r\n\r\n"),
        ("of one byte each", "1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n0\r\n\r\n"),
        ("CR and LF inside", "8\r\n\r\n0\r\n\r\na\r\n0\r\n\r\n"),
    ];

    /// <summary>What a reader of chunks must not take.</summary>
    private static readonly (string Name, string Chunks)[] BadChunks =
    [
        ("size garbage", "xyz\r\nhello\r\n0\r\n\r\n"),
        ("size empty", "\r\nhello\r\n0\r\n\r\n"),
        ("size negative", "-5\r\nhello\r\n0\r\n\r\n"),
        ("size with plus", "+5\r\nhello\r\n0\r\n\r\n"),
        ("size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
        ("size beyond 32 bits", "100000005\r\nhello\r\n0\r\n\r\n"),
        ("size beyond 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        ("size with a blank before", " 5\r\nhello\r\n0\r\n\r\n"),
        ("data longer than the size", "3\r\nhello\r\n0\r\n\r\n"),
        ("bare LF after the size", "5\nhello\r\n0\r\n\r\n"),
        ("bare LF after the data", "5\r\nhello\n0\r\n\r\n"),
        ("bare CR after the size", "5\rhello\r\n0\r\n\r\n"),
        ("LF in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n"),
        ("trailer without a colon", "5\r\nhello\r\n0\r\nX-T\r\n\r\n"),
        ("trailer with a blank before the colon", "5\r\nhello\r\n0\r\nX-T : u\r\n\r\n"),
        ("trailer folded", "5\r\nhello\r\n0\r\nX-T: u\r\n v\r\n\r\n"),
    ];

    public static IEnumerable<Exchange> All() =>
    [
        .. Shapes.Select(shape => Exchange.Of($"framing: {shape.Name}", Texts.Post(shape.Body, shape.Headers), Texts.Ok)),
        .. Shapes.Select(shape =>
            Exchange.Of($"framing of GET: {shape.Name}", Texts.Get("/items", shape.Headers) + shape.Body, Texts.Ok)),
        .. GoodChunks.Select(chunks => Exchange.Of($"chunks: {chunks.Name}", Texts.PostInChunks(chunks.Chunks), Texts.Ok)),
        .. BadChunks.Select(chunks => Exchange.Of($"bad chunks: {chunks.Name}", Texts.PostInChunks(chunks.Chunks), Texts.Ok) with
        {
            Freedom = Freedom.HowMuchUpstreamReads,
        }),

        // The upstream has read what was good before the client sends what is not.
        .. BadChunks.Select(chunks =>
            new Exchange(
                $"bad chunks after a good one: {chunks.Name}",
                [Step.Send(Texts.PostInChunks(Texts.Chunk(Texts.Part))), Step.Await(Milestone.RequestBody, Texts.SurePart), Step.Send(chunks.Chunks)],
                [Step.ReadRest, Step.Send(Texts.Ok)]) { Freedom = Freedom.HowMuchUpstreamReads }),
        .. Sizes(),
        .. Methods(),
        .. Splits(),
        .. Broken(),
        .. Expecting(),
    ];

    private static IEnumerable<Exchange> Sizes()
    {
        foreach (int size in (int[])[0, 1, 1_000, 4_095, 4_096, 4_097, 16_384, 65_536, 1_000_000])
        {
            string body = Texts.Bytes(size);
            yield return Exchange.Of($"body of {size} bytes", Texts.PostWithLength(body), Texts.Ok);
            yield return Exchange.Of($"body of {size} bytes, sent back", Texts.PostWithLength(body), Texts.Answer("200 OK", body));
            yield return Exchange.Of(
                $"body of {size} bytes in chunks",
                Texts.PostInChunks(string.Concat(body.Chunk(3_000).Select(part => Texts.Chunk(new string(part)))) + LastChunk),
                Texts.Ok);
        }

        yield return Exchange.Of(
            "body with its type and more",
            Texts.Post("{}", "Content-Length: 2", "Content-Type: application/json", "Content-Encoding: identity",
                "Content-Language: es", "Content-MD5: x", "Content-Disposition: attachment", "Content-Location: /a", "Expires: 0",
                "Allow: GET"), Texts.Ok);
    }

    private static IEnumerable<Exchange> Methods()
    {
        foreach (string method in (string[])["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PATCH", "PUT", "PROPFIND"])
        {
            yield return Exchange.Of($"{method} with a body", Texts.Request(method, "/items", "Content-Length: 5") + "hello", Texts.Answer("200 OK", ""));
            yield return Exchange.Of(
                $"{method} with a body in chunks", Texts.Request(method, "/items", "Transfer-Encoding: chunked") + "5\r\nhello\r\n0\r\n\r\n", Texts.Answer("200 OK", ""));
            yield return Exchange.Of($"{method} with length 0", Texts.Request(method, "/items", "Content-Length: 0"), Texts.Answer("200 OK", ""));
        }
    }

    /// <summary>A small request cut in two at each of its bytes, and into its bytes.</summary>
    private static IEnumerable<Exchange> Splits()
    {
        foreach ((string name, string request) in ((string, string)[])
            [
                ("length", "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 5\r\n\r\nhello"),
                ("chunks", "POST /a HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: u\r\n\r\n"),
            ])
        {
            for (int at = 1; at < request.Length; at++)
            {
                yield return new Exchange(
                    $"request with {name} cut at {at}",
                    [Step.Send(request[..at]), Step.Send(request[at..])],
                    [Step.ReadRest, Step.Send(Texts.Ok)]) { Methods = ["POST"] };
            }

            yield return new Exchange($"request with {name} byte by byte", [.. Step.SendInPieces(request, 1)], [Step.ReadRest, Step.Send(Texts.Ok)]);
        }

        // Each piece is sent when the upstream has the one before: a proxy that waits for more would hang.
        yield return new Exchange(
            "body piece by piece",
            [
                Step.Send(Texts.Post(Texts.Part, Texts.Length(3 * Texts.Part.Length))), Step.Await(Milestone.RequestBody, Texts.SurePart),
                Step.Send(Texts.Part), Step.Await(Milestone.RequestBody, Texts.Part.Length + Texts.SurePart), Step.Send(Texts.Part),
            ],
            [Step.ReadRest, Step.Send(Texts.Ok)]);
        yield return new Exchange(
            "chunks one by one",
            [
                Step.Send(Texts.PostInChunks(Texts.Chunk(Texts.Part))), Step.Await(Milestone.RequestBody, Texts.SurePart),
                Step.Send(Texts.Chunk(Texts.Part)), Step.Await(Milestone.RequestBody, Texts.Part.Length + Texts.SurePart), Step.Send(LastChunk),
            ],
            [Step.ReadRest, Step.Send(Texts.Ok)]);
        yield return new Exchange(
            "head of a request with a length first",
            [Step.Send(Texts.Post("", "Content-Length: 3")), Step.Await(Milestone.RequestHeads), Step.Send("abc")],
            [Step.ReadRest, Step.Send(Texts.Ok)]);
        yield return new Exchange(
            "head of a request in chunks first",
            [Step.Send(Texts.PostInChunks("")), Step.Await(Milestone.RequestHeads), Step.Send($"3\r\nabc\r\n{LastChunk}")],
            [Step.ReadRest, Step.Send(Texts.Ok)]);
    }

    /// <summary>Clients that leave before they have sent all.</summary>
    private static IEnumerable<Exchange> Broken()
    {
        foreach ((string framing, string request) in ((string, string)[])
            [("length", Texts.Post(Texts.Part, "Content-Length: 1000000")), ("chunks", Texts.PostInChunks(Texts.Chunk(Texts.Part)))])
        {
            foreach (Step end in (Step[])[Step.Close, Step.Reset])
            {
                yield return new Exchange(
                    $"client leaves in a body with {framing}: {end}",
                    [Step.Send(request), Step.Await(Milestone.RequestBody, Texts.SurePart), end],
                    [Step.ReadBody(Texts.SurePart), Step.AwaitEnd]);
            }
        }

        foreach (Step end in (Step[])[Step.Close, Step.Reset])
        {
            yield return new Exchange(
                $"client leaves before the answer: {end}", [Step.Send(Texts.Plain), Step.Await(Milestone.RequestHeads), end], [Step.AwaitEnd]);
            yield return new Exchange(
                $"client leaves in the answer: {end}",
                [Step.Send(Texts.Plain), Step.Await(Milestone.AnswerBody, 3), end],
                [Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), Step.AwaitEnd]) { Freedom = Freedom.WhatClientReads };
            yield return new Exchange(
                $"client leaves in a head: {end}", [Step.Send("GET / HTTP/1.1\r\nHost: a\r\nX"), end], [Step.Send(Texts.Ok)])
            {
                Freedom = Freedom.WhatClientReads,
            };
        }
    }

    private static IEnumerable<Exchange> Expecting()
    {
        const string Continue = "HTTP/1.1 100 Continue\r\n\r\n";
        string head = Texts.Post("", "Content-Length: 5", "Expect: 100-continue");
        yield return new Exchange(
            "Expect, and the client waits for 100",
            [Step.Send(head), Step.Await(Milestone.AnswerHeads), Step.Send("hello")],
            [Step.Send(Continue), Step.ReadRest, Step.Send(Texts.Ok)]);
        yield return new Exchange(
            "Expect, and the client does not wait", [Step.Send(head + "hello")], [Step.Send(Continue), Step.ReadRest, Step.Send(Texts.Ok)]);
        yield return new Exchange(
            "Expect, in chunks",
            [Step.Send(Texts.Post("", "Transfer-Encoding: chunked", "Expect: 100-continue")), Step.Await(Milestone.AnswerHeads), Step.Send("1\r\na\r\n0\r\n\r\n")],
            [Step.Send(Continue), Step.ReadRest, Step.Send(Texts.Ok)]);
        yield return new Exchange(
            "Expect, and the upstream refuses at once and closes",
            [Step.Send(head), Step.Await(Milestone.AnswerHeads), Step.Send("hello")],
            [Step.Send(Texts.Answer("417 Expectation Failed", "no", "Connection: close")), Step.Close]);
        yield return new Exchange(
            "Expect, and the upstream says nothing of it", [Step.Send(head + "hello")], [Step.ReadRest, Step.Send(Texts.Ok)]);
        yield return Exchange.Of("Expect without a body", Texts.Get("/items", "Expect: 100-continue"), Texts.Ok);
        yield return Exchange.Of("Expect of something else", Texts.Get("/items", "Expect: tea"), Texts.Ok);
        yield return Exchange.Of("Expect of something else with a body", Texts.Post("hello", "Content-Length: 5", "Expect: tea"), Texts.Ok);
        yield return Exchange.Of(
            "Expect in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello", Texts.Ok);
    }
}
