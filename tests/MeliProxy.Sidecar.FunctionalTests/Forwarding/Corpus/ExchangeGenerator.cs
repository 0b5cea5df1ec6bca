using System.Globalization;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>Composes exchanges from the parts of those written by hand. The same seed gives the same exchange.</summary>
internal sealed class ExchangeGenerator(int seed)
{
    private static readonly string[] Methods = ["GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"];

    private static readonly string[] Targets =
        ["/", "/items", "/a//b/", "/a%2Fb", "/a%20b?c=d%2Fe", "/a?b=c&d", "/a/../b", "/%ff", "/a|b", "/a?q=\"x\"", "/a:b@c;d", "http://example.com/a?b"];

    /// <summary>Fields that frame a body, or end the exchange, are chosen by other means.</summary>
    private static readonly string[] RequestLines = [.. RequestHeaderExchanges.Lines.Where(line =>
        !line.StartsWith("Content-Length", StringComparison.Ordinal)
        && !line.StartsWith("Transfer-Encoding", StringComparison.Ordinal)
        && !line.StartsWith("X(A", StringComparison.Ordinal))];

    private static readonly string[] AnswerLines = [.. AnswerExchanges.Lines.Where(line => !line.StartsWith(':'))];

    private readonly Random _random = new(seed);

    public Exchange Generate()
    {
        int count = _random.Next(4) == 0 ? _random.Next(2, 4) : 1;
        List<string> methods = [];
        List<IReadOnlyList<Step>> scripts = [];
        string sent = "";
        bool isBroken = false;
        Freedom freedom = Freedom.None;
        for (int i = 0; i < count; i++)
        {
            string method = Choose(Methods);
            methods.Add(method);
            sent += Request(method, isLast: i == count - 1);
            isBroken = count == 1 && method != "HEAD" && _random.Next(4) == 0;
            if (isBroken)
            {
                scripts.Add(BrokenAnswer(out freedom));
            }
            else
            {
                scripts.Add(Answer(method, isLast: i == count - 1));
            }
        }

        return new Exchange(
            string.Create(CultureInfo.InvariantCulture, $"seed {seed}"), [.. Pieces(sent)], scripts)
        {
            Methods = methods,
            Setting = Choose([Setting.Plain, Setting.TrustedClient, Setting.UpstreamWithPath]),
            IsBroken = isBroken,
            Freedom = freedom,
        };
    }

    private string Request(string method, bool isLast)
    {
        string version = isLast && _random.Next(10) == 0 ? "HTTP/1.0" : "HTTP/1.1";
        List<string> lines = ["Host: example.com"];
        for (int i = _random.Next(5); i > 0; i--)
        {
            lines.Add(Choose(RequestLines));
        }

        string body = "";
        switch (_random.Next(method is "POST" or "PUT" or "PATCH" || version == "HTTP/1.0" ? 2 : 6))
        {
            case 0:
                body = Texts.Bytes(Size());
                lines.Insert(_random.Next(lines.Count + 1), Texts.Length(body.Length));
                break;
            case 1 when version == "HTTP/1.1":
                body = Chunks(mayHaveTrailers: true);
                lines.Insert(_random.Next(lines.Count + 1), "Transfer-Encoding: chunked");
                break;
        }

        return $"{Texts.Head($"{method} {Choose(Targets)} {version}", lines)}{body}";
    }

    private List<Step> Answer(string method, bool isLast)
    {
        List<string> lines = [];
        for (int i = _random.Next(5); i > 0; i--)
        {
            lines.Add(Choose(AnswerLines));
        }

        string status = Choose(_random.Next(3) == 0 ? ["204 No Content", "304 Not Modified"] : AnswerExchanges.Statuses);
        bool hasBody = method != "HEAD" && status[..3] is not ("204" or "304");
        string interim = _random.Next(8) == 0 ? "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" : "";
        string body = "";
        bool closes = false;
        switch (_random.Next(3))
        {
            case 0:
                body = Texts.Bytes(Size());
                lines.Insert(_random.Next(lines.Count + 1), Texts.Length(body.Length));
                break;
            case 1:
                body = Chunks(mayHaveTrailers: true);
                lines.Insert(_random.Next(lines.Count + 1), "Transfer-Encoding: chunked");
                break;
            default:
                body = Texts.Bytes(Size());
                closes = hasBody;
                break;
        }

        string answer = $"{interim}{Texts.Head($"HTTP/1.{(_random.Next(8) == 0 ? 0 : 1)} {status}", lines)}{(hasBody ? body : "")}";

        // Between two requests, closing without a word would be a race with the second.
        bool ends = closes || (isLast && _random.Next(8) == 0);
        return [Step.ReadRest, .. Pieces(answer), .. ends ? [Step.Close] : Array.Empty<Step>()];
    }

    private List<Step> BrokenAnswer(out Freedom freedom)
    {
        freedom = Freedom.WhenAnswerBreaks;
        Step end = _random.Next(2) == 0 ? Step.Close : Step.Reset;
        string body = Texts.Bytes(Size() + 2);
        string withLength = Texts.Answer("200 OK", body, Choose(AnswerLines));
        switch (_random.Next(5))
        {
            case 0:
                freedom = Freedom.HowOftenItIsSent;
                return [Step.ReadRest, end];
            case 1:
                // Somewhere in the head, which has at least this many bytes.
                return [Step.ReadRest, Step.Send(withLength[.._random.Next(1, 30)]), end];
            case 2:
                return [Step.ReadRest, .. Pieces(withLength[..^_random.Next(1, body.Length)]), end];
            case 3:
                string chunks = Chunks(mayHaveTrailers: false);
                return [Step.ReadRest, .. Pieces(Texts.AnswerInChunks(chunks[..^_random.Next(1, chunks.Length)])), end];
            default:
                return [Step.ReadRest, .. Pieces(Texts.AnswerInChunks($"{Texts.Chunk(body)}{Choose(["x", "-1", "", "0x1", "1g"])}\r\n")), end];
        }
    }

    private string Chunks(bool mayHaveTrailers)
    {
        string chunks = "";
        for (int i = _random.Next(5); i > 0; i--)
        {
            string data = Texts.Bytes(Size() + 1);
            string extension = Choose(["", "", ";a=b", ";a=\"b;c\""]);
            chunks += string.Create(CultureInfo.InvariantCulture, $"{data.Length:x}{extension}\r\n{data}\r\n");
        }

        return $"{chunks}0\r\n{(mayHaveTrailers && _random.Next(4) == 0 ? "X-T: u\r\n" : "")}\r\n";
    }

    /// <summary>Mostly small, sometimes beyond the size of buffers.</summary>
    private int Size() => _random.Next(8) switch
    {
        0 => 0,
        1 => _random.Next(4_000, 5_000),
        2 => _random.Next(60_000, 70_000),
        _ => _random.Next(1, 300),
    };

    private IEnumerable<Step> Pieces(string text)
    {
        List<Step> pieces = [];
        for (int i = _random.Next(4); i > 0 && text.Length > 1; i--)
        {
            int at = _random.Next(1, text.Length);
            pieces.Add(Step.Send(text[..at]));
            text = text[at..];
        }

        return [.. pieces, Step.Send(text)];
    }

    private T Choose<T>(T[] choices) => choices[_random.Next(choices.Length)];
}
