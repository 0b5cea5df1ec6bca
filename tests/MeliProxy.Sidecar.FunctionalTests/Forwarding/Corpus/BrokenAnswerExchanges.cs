using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>Answers that HTTP forbids, that break off, or that are none.</summary>
internal static class BrokenAnswerExchanges
{
    /// <summary>Nothing of these can be taken for an answer: the upstream closes after them.</summary>
    private static readonly string[] NoAnswers =
    [
        "", "H", "HTTP/1.1", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        "garbage", "garbage\r\n\r\n", "\r\n\r\n", "\0\0\0\0", "<html>sorry</html>", "\u0015\u0003\u0003\u0000\u0002\u0002\u0046",
        "SSH-2.0-x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\u0012\u0004\0\0\0\0\0",
        "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/2 200\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/3.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ICY 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 -20 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nok",
        " HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1\t200\tOK\r\nContent-Length: 2\r\n\r\nok",
    ];

    /// <summary>Heads with something wrong in them; the upstream closes after each. Readers differ in what they forgive.</summary>
    private static readonly string[] OddHeads =
    [
        "http/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.2 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.9 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/01.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\nok",
        "HTTP/1.1 200 OK\rContent-Length: 2\r\r", "HTTP/1.1 200 O\0K\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 O\rK\r\nContent-Length: 2\r\n\r\nok",
        Line("X-A: a\r\n b"), Line("X-A: a\r\n\tb"), Line(" X-A: a"), Line("X-A : b"), Line("X A: b"), Line("X-A\t: b"), Line("X-A"),
        Line(": b"), Line("X-A: a\0b"), Line("X-A: a\rb"), Line("X-A: a\u0001b"), Line("X-A: a\u007fb"), Line("X\0A: b"),
        Line("X-\u00e9: b"), Line("X(A: b"), Line("\"X\": b"), Line("X-A: a\nX-B: b"), Line("X-A: b\r"), Line("X-A: a\n b"),
        Length("2\r\nContent-Length: 2"), Length("2\r\nContent-Length: 3"), Length("3\r\nContent-Length: 2"), Length("2, 2"), Length("2, 3"), Length("+2"), Length("-2"), Length("-1"), Length("2.0"), Length("0x2"), Length("2 2"), Length("  2  "), Length("002"), Length("abc"), Length(""), Length("18446744073709551618"), Length("9223372036854775808"), Length("2\r\n "), Length("\u00b2"), Length("2;a"),
        "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok", "HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: abc\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 204 No Content\r\nContent-Length: abc\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: -5\r\n\r\n",
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ];

    /// <summary>Chunks that do not come to a proper end; the upstream closes after them.</summary>
    private static readonly string[] BadChunks =
    [
        "", "5", "5\r\n", "5\r\nhel", "5\r\nhello", "5\r\nhello\r\n", "5\r\nhello\r\n0", "5\r\nhello\r\n0\r\n",
        "5\r\nhello\r\n0\r\nX-T: u\r\n", "xyz\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", "-5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", "7fffffffffffffff\r\nhello",
        "3\r\nhello\r\n0\r\n\r\n", "5\r\nhelloworld\r\n0\r\n\r\n", "5g\r\nhello\r\n0\r\n\r\n", "5\r\nhello\rX0\r\n\r\n",
    ];

    /// <summary>Chunks that some readers forgive.</summary>
    private static readonly string[] OddChunks =
    [
        "5\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n", "5\r\nhello\r\n0\n\n", "5\nhello\n0\n\n", " 5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n", "5;a\nb\r\nhello\r\n0\r\n\r\n", "5\t\r\nhello\r\n0\r\n\r\n", "5,a\r\nhello\r\n0\r\n\r\n",
        "5 a\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nX-T\r\n\r\n", "5\r\nhello\r\n0\r\nX-T : u\r\n\r\n", "5\r\nhello\r\n0\r\nX-T: u\r\n v\r\n\r\n",
        "5\r\nhello\r\n0\r\n: u\r\n\r\n",
    ];

    public static IEnumerable<Exchange> All() =>
    [
        .. NoAnswers.Select(answer => Exchange.Broken($"no answer {Escape(answer)}", Texts.Plain, Step.Send(answer), Step.Close) with
        {
            Freedom = answer.Length == 0 ? Freedom.HowOftenItIsSent : Freedom.None,
        }),
        .. NoAnswers.Take(8).Select(answer =>
            Exchange.Broken($"no answer to a POST {Escape(answer)}", Texts.PostWithLength("hello"), Step.Send(answer), Step.Close) with { Freedom = Freedom.None }),
        .. OddHeads.Select(answer => new Exchange(
            $"odd head {Escape(answer)}", [Step.Send(Texts.Plain)], [Step.ReadRest, Step.Send(answer), Step.Close]) { Freedom = Freedom.WhenAnswerBreaks }),
        .. BadChunks.Select(chunks => Exchange.Broken($"broken chunks {Escape(chunks)}", Texts.Plain, Step.Send(Texts.AnswerInChunks(chunks)), Step.Close)),
        .. BadChunks.Select(chunks => AfterTheClientHasSeenABit(
            $"chunks broken later {Escape(chunks)}", Texts.Plain, Texts.AnswerInChunks(Texts.Chunk("good")), chunks)),
        .. OddChunks.Select(chunks => new Exchange(
            $"odd chunks {Escape(chunks)}", [Step.Send(Texts.Plain)], [Step.ReadRest, Step.Send(Texts.AnswerInChunks(chunks)), Step.Close])
        {
            Freedom = Freedom.WhenAnswerBreaks,
        }),
        .. Cut(),
        .. TooLarge(),
        .. Unasked(),
    ];

    private static IEnumerable<Exchange> Cut()
    {
        foreach (Step end in (Step[])[Step.Close, Step.Reset])
        {
            yield return Exchange.Broken($"no byte of the body: {end}", Texts.Plain, Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), end);
            yield return Exchange.Broken($"part of the body: {end}", Texts.Plain, Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), end);
            yield return Exchange.Broken($"part of a large body: {end}", Texts.Plain, Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + Texts.Bytes(500_000)), end);
            yield return Exchange.Broken($"part of the body to a POST: {end}", Texts.PostWithLength("hello"), Step.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"), end);
            yield return Exchange.Broken($"before the head: {end}", Texts.Plain, end) with { Freedom = Freedom.HowOftenItIsSent };
            yield return Exchange.Broken($"before the head, to a POST: {end}", Texts.PostWithLength("hello"), end) with { Freedom = Freedom.None };
            yield return Exchange.Broken($"in the head: {end}", Texts.Plain, Step.Send("HTTP/1.1 200 OK\r\nContent-"), end) with { Freedom = Freedom.None };
            yield return AfterTheClientHasSeenABit($"length, seen by the client: {end}", Texts.Plain, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", "", end);
            yield return AfterTheClientHasSeenABit($"length, to a POST, seen by the client: {end}", Texts.PostWithLength("hello"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", "", end);
            yield return AfterTheClientHasSeenABit($"length, to Connection: close: {end}", Texts.Get("/", "Connection: close"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", "", end);
            yield return AfterTheClientHasSeenABit($"chunks, seen by the client: {end}", Texts.Plain, Texts.AnswerInChunks(Texts.Chunk("good")), "", end);
        }

        // What ends with the connection is cut by a reset only.
        yield return AfterTheClientHasSeenABit("an answer that ends with the connection is reset", Texts.Plain, "HTTP/1.1 200 OK\r\n\r\nabcd", "", Step.Reset);
        foreach (Step end in (Step[])[Step.Close, Step.Reset])
        {
            yield return new Exchange(
                $"in the request's body, before the answer: {end}",
                [
                    Step.Send(Texts.Post(Texts.Part, Texts.Length(2 * Texts.Part.Length))), Step.Await(Milestone.UpstreamSteps, 2),
                    Step.Send(Texts.Part),
                ],
                [Step.ReadBody(Texts.SurePart), end]) { IsBroken = true };
        }
    }

    /// <summary>The client has the head and four bytes before the answer breaks, so there is one way for it to end.</summary>
    private static Exchange AfterTheClientHasSeenABit(string name, string request, string first, string then, Step? end = null) =>
        Exchange.Broken(
            name, request, Step.Send(first), Step.Await(Milestone.AnswerBody, 4), Step.Send(then), end ?? Step.Close) with { Freedom = Freedom.None };

    private static IEnumerable<Exchange> TooLarge()
    {
        foreach (int length in (int[])[66_000, 200_000, 1_000_000])
        {
            yield return Exchange.Broken(
                $"answer header of {length} bytes", Texts.Plain, Step.Send(Texts.Answer("200 OK", "body", $"X-A: {Texts.Letters(length)}")), Step.Close)
                with { Freedom = Freedom.None };
        }

        yield return Exchange.Broken(
            "200 KB of answer headers",
            Texts.Plain,
            Step.Send(Texts.Answer("200 OK", "body", Enumerable.Range(0, 20_000).Select(i => $"X-{i}: {i}"))),
            Step.Close) with { Freedom = Freedom.None };
        yield return Exchange.Broken(
            "a status line without an end", Texts.Plain, Step.Send($"HTTP/1.1 200 {Texts.Letters(200_000)}"),
            Step.Close) with { Freedom = Freedom.None };
        yield return Exchange.Broken(
            "a chunk extension without an end", Texts.Plain, Step.Send(Texts.AnswerInChunks($"5;{Texts.Letters(200_000)}")), Step.Close);
        yield return new Exchange(
            "a long chunk extension",
            [Step.Send(Texts.Plain)],
            [Step.ReadRest, Step.Send(Texts.AnswerInChunks($"5;{Texts.Letters(20_000)}\r\nhello\r\n0\r\n\r\n")), Step.Close]) { Freedom = Freedom.WhenAnswerBreaks };
        yield return new Exchange(
            "long trailers",
            [Step.Send(Texts.Plain)],
            [Step.ReadRest, Step.Send(Texts.AnswerInChunks($"0\r\nX-T: {Texts.Letters(100_000)}\r\n\r\n")), Step.Close]) { Freedom = Freedom.WhenAnswerBreaks };
    }

    private static IEnumerable<Exchange> Unasked()
    {
        foreach (string bytes in (string[])["garbage\r\n\r\n", Texts.Answer("408 Request Timeout", "slow"), "HTTP/1.1 200 OK\r\n", "\r\n"])
        {
            yield return new Exchange($"the upstream speaks first: {Escape(bytes)}", [Step.Send(Texts.Plain)], [Step.ReadRest, Step.Close])
            {
                Unasked = bytes,
                Freedom = Freedom.HowMuchUpstreamReads,
            };
        }
    }

    private static string Line(string line) => Texts.Answer("200 OK", "ok", line);

    private static string Length(string value) => $"HTTP/1.1 200 OK\r\nContent-Length: {value}\r\n\r\nok";

    private static string Escape(string text) =>
        text.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\0", "\\0", StringComparison.Ordinal);
}
