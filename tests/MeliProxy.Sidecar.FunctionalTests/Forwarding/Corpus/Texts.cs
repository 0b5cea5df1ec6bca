using System.Globalization;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>Requests and answers that many exchanges are made of.</summary>
internal static class Texts
{
    public const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    public const string Plain = "GET /items HTTP/1.1\r\nHost: example.com\r\n\r\n";

    /// <summary>Bytes of <see cref="Part"/> that have surely been handed on before more comes.</summary>
    public const int SurePart = 10_000;

    /// <summary>
    /// A part of a body that a proxy surely begins to hand on before more comes: YARP collects what a client sends up to 4 KB.
    /// </summary>
    public static string Part { get; } = Letters(20_000);

    /// <summary>A GET for a target, with header lines.</summary>
    public static string Get(string target, params IEnumerable<string> headers) => Request("GET", target, headers);

    /// <summary>A request without a body, with header lines.</summary>
    public static string Request(string method, string target, params IEnumerable<string> headers) =>
        Head($"{method} {target} HTTP/1.1", ["Host: example.com", .. headers]);

    /// <summary>A POST with a body as it is written on the wire, and the header lines that frame it.</summary>
    public static string Post(string body, params IEnumerable<string> headers) => $"{Request("POST", "/items", headers)}{body}";

    /// <summary>A POST with a length.</summary>
    public static string PostWithLength(string body) => Post(body, Length(body.Length));

    /// <summary>A POST in chunks.</summary>
    public static string PostInChunks(string chunks) => Post(chunks, "Transfer-Encoding: chunked");

    /// <summary>An answer with a length.</summary>
    public static string Answer(string status, string body, params IEnumerable<string> headers) =>
        $"{Head($"HTTP/1.1 {status}", [Length(body.Length), .. headers])}{body}";

    /// <summary>An answer in chunks.</summary>
    public static string AnswerInChunks(string chunks, params IEnumerable<string> headers) =>
        $"{Head("HTTP/1.1 200 OK", ["Transfer-Encoding: chunked", .. headers])}{chunks}";

    public static string Head(string startLine, params IEnumerable<string> headers) =>
        $"{startLine}\r\n{string.Concat(headers.Select(header => $"{header}\r\n"))}\r\n";

    public static string Length(int length) => string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}");

    public static string Chunk(string data) => string.Create(CultureInfo.InvariantCulture, $"{data.Length:x}\r\n{data}\r\n");

    /// <summary>A body of so many bytes, of which no part looks like another.</summary>
    public static string Bytes(int count) => string.Create(count, 0, (text, _) =>
    {
        uint state = 1;
        for (int i = 0; i < text.Length; i++)
        {
            state = (state * 1664525) + 1013904223;
            text[i] = (char)(state >> 24);
        }
    });

    /// <summary>Visible text of so many characters.</summary>
    public static string Letters(int count) => string.Create(count, 0, (text, _) =>
    {
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = (char)('a' + (i % 26));
        }
    });
}
