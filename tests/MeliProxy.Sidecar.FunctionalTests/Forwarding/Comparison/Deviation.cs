using System.Text.RegularExpressions;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Comparison;

/// <summary>Where the two forwarders differ on purpose.</summary>
/// <param name="Reason">Why the direct one does otherwise.</param>
/// <param name="Covers">Whether a difference in an exchange, of which this is what the direct forwarder did, is meant.</param>
internal sealed partial record Deviation(string Reason, Func<Exchange, Difference, Observation, bool> Covers)
{
    private const string Problem = "\"{\"type\":\"about:blank\",\"title\":\"Upstream failed\",\"status\":502,";

    /// <summary>All there are.</summary>
    public static IReadOnlyList<Deviation> All { get; } =
    [
        new(
            "A path is handed on as the client wrote it; YARP writes needless escapes as characters, and others in capitals.",
            (_, difference, _) => RequestLine().IsMatch(difference.Fact)
                && difference is { Direct: { } direct, Yarp: { } yarp }
                && WithoutNeedlessEscapes(direct) == WithoutNeedlessEscapes(yarp)),
        new(
            "A request without a body needs no length (RFC 9110, section 8.6); YARP adds one of 0 to some fields and methods.",
            (_, difference, _) => RequestLength().IsMatch(difference.Fact) && difference is { Direct: null, Yarp: "\"0\"" }),
        new(
            "There is one Host, the upstream's (RFC 9112, section 3.2); YARP adds an empty one, or lets the client's take its place.",
            (exchange, difference, _) => exchange.Name.StartsWith("host ", StringComparison.Ordinal)
                && difference is { Fact: "request 1 header host", Direct: "\"(upstream)\"" }),
        new(
            "An answer that two readers might take for different things is refused: a folded line, a blank before a colon, NUL or CR in a value, "
            + "a transfer coding other than chunked, a bare LF in chunks. YARP takes them.",
            (exchange, difference, direct) => IsOfAnswer(difference)
                && (exchange.Name.StartsWith("odd ", StringComparison.Ordinal)
                    || exchange.Name.StartsWith("answer with Transfer-Encoding", StringComparison.Ordinal))
                && IsRefusedOrCut(direct)),
        new(
            "An upgrade nobody asked for is refused without a trace; YARP leaves its fields in the answer that refuses it.",
            (exchange, difference, direct) => IsOfAnswer(difference)
                && exchange.Name.StartsWith("101 unasked", StringComparison.Ordinal)
                && IsRefusedOrCut(direct)),
        new(
            "The direct forwarder says more of what was wrong with an answer, and before its end.",
            (_, difference, _) => AnswerBody().IsMatch(difference.Fact)
                && difference is { Direct: { } direct, Yarp: { } yarp }
                && direct.StartsWith(Problem, StringComparison.Ordinal)
                && yarp.StartsWith(Problem, StringComparison.Ordinal)),
        new(
            "A 205 has no body (RFC 9110, section 15.3.6), so one with a body is refused; YARP fails to write it.",
            (exchange, difference, direct) => IsOfAnswer(difference)
                && exchange.Name is "205 Reset Content with Content-Length: 5" or "205 Reset Content with Transfer-Encoding: chunked"
                && IsRefusedOrCut(direct)),
        new(
            "An answer that comes before the request's body has been sent is handed on at once; YARP sends the body to its end first.",
            (exchange, difference, _) => exchange.Name.StartsWith("early answer", StringComparison.Ordinal)
                && difference.Fact is "client connection" or "request 1 body" or "request 1 end"),
        new(
            "The head of an answer that ends with the connection is handed on as soon as it has come; YARP waits for what follows, and if that is the "
            + "end, says that the length is 0.",
            (_, difference, _) => AnswerLength().IsMatch(difference.Fact)
                && difference is { Direct: "\"chunked\"", Yarp: null } or { Direct: null, Yarp: "\"0\"" }),
        new(
            "A request whose body is wrong from its start is not sent; YARP sends its head.",
            (_, difference, direct) => difference.Fact.Contains("request", StringComparison.Ordinal)
                && difference.Direct is null or "0"
                && direct.Answers is [{ Status: 400 }]),
        new(
            "Where the upstream takes no more of a body, what the client still sends is not waited for; YARP reads it to its end.",
            (exchange, difference, _) => exchange.Name.StartsWith("in the request's body, before the answer", StringComparison.Ordinal)
                && difference is { Fact: "client connection", Direct: "closed" }),
    ];

    private static bool IsOfAnswer(Difference difference) =>
        difference.Fact.StartsWith("answer", StringComparison.Ordinal) || difference.Fact == "client connection";

    private static bool IsRefusedOrCut(Observation observation) => observation.Answers is [] or [{ Status: 502 }] or [{ IsComplete: false }];

    /// <summary>What says the same but for escapes: those of <c>/ \ % ? #</c> say something of their own.</summary>
    private static string WithoutNeedlessEscapes(string text) => Escape().Replace(text, escape => WithoutNeedlessEscape(escape.Value.ToUpperInvariant()));

    private static string WithoutNeedlessEscape(string escape) =>
        escape is "%2F" or "%5C" or "%25" or "%3F" or "%23" ? escape : Uri.UnescapeDataString(escape);

    [GeneratedRegex("^request [0-9]+$")]
    private static partial Regex RequestLine();

    [GeneratedRegex("^request [0-9]+ header content-length$")]
    private static partial Regex RequestLength();

    [GeneratedRegex("^answer [0-9]+ body$")]
    private static partial Regex AnswerBody();

    [GeneratedRegex("^answer [0-9]+ header (content-length|transfer-encoding)$")]
    private static partial Regex AnswerLength();

    [GeneratedRegex("%[0-9A-Fa-f]{2}")]
    private static partial Regex Escape();
}
