using System.Globalization;
using System.Text;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Comparison;

/// <summary>
/// An observation as named facts, of which two forwarders must agree in all. What may differ between two forwarders that do the same is
/// left out here, and nowhere else:
/// <list type="bullet">
/// <item>Fields of different names may come in any order (RFC 9110, section 5.3): a fact holds the fields of one name, in their order.</item>
/// <item>Names of fields know no case (section 5.1): they are in lower case. Values are as they are, but for blanks around them.</item>
/// <item>Where a chunk ends says nothing (RFC 9112, section 7.1): a body is what all chunks hold.</item>
/// <item>The reason phrase of a status says nothing to a program (section 4), and not every forwarder is told it.</item>
/// <item>A <c>Date</c> of this century is the proxy's own clock; upstreams here live in 1994.</item>
/// <item>The two sidecars and their upstreams have ports of their own, also where problem details name them.</item>
/// <item>
/// Of a cut body only what the client had before the cut counts: cutting is a reset, with which the operating system drops what is on its way.
/// </item>
/// <item>What <see cref="Freedom"/> says of the exchange.</item>
/// </list>
/// </summary>
internal static class Facts
{
    public static SortedDictionary<string, string> Of(Exchange exchange, Observation observation)
    {
        SortedDictionary<string, string> facts = new(StringComparer.Ordinal);
        if (!exchange.Freedom.HasFlag(Freedom.WhatClientReads))
        {
            AddAnswers(facts, exchange, observation);
        }

        if (!exchange.Freedom.HasFlag(Freedom.HowMuchUpstreamReads))
        {
            IEnumerable<HttpMessage> sent = observation.Requests;
            HttpMessage[] requests = [.. exchange.Freedom.HasFlag(Freedom.HowOftenItIsSent) ? sent.Take(1) : sent];
            facts["upstream requests"] = requests.Length.ToString(CultureInfo.InvariantCulture);
            for (int i = 0; i < requests.Length; i++)
            {
                HttpMessage request = requests[i];
                AddMessage(facts, string.Create(CultureInfo.InvariantCulture, $"request {i + 1}"), request, request.StartLine, observation);
            }
        }

        return facts;
    }

    private static void AddAnswers(SortedDictionary<string, string> facts, Exchange exchange, Observation observation)
    {
        facts["client connection"] = observation.IsReusable switch
        {
            true => "good for another request",
            false => "closed",
            null => "ended by the client",
        };
        if (exchange.Freedom.HasFlag(Freedom.WhenAnswerBreaks) && IsBrokenOffOrRefused(observation))
        {
            facts["answers"] = "broken off, or refused with 502";
            facts.Remove("client connection");
            return;
        }

        facts["answers"] = string.Join(", ", observation.Answers.Select(answer => answer.Status));
        for (int i = 0; i < observation.Answers.Count; i++)
        {
            HttpMessage answer = observation.Answers[i];
            AddMessage(
                facts,
                string.Create(CultureInfo.InvariantCulture, $"answer {i + 1}"),
                answer,
                string.Create(CultureInfo.InvariantCulture, $"{answer.StartLine.Split(' ')[0]} {answer.Status}"),
                observation);
            if (!answer.IsComplete)
            {
                long surelySeen = Math.Min(exchange.BytesSurelySeen, answer.Body.Length);
                facts[string.Create(CultureInfo.InvariantCulture, $"answer {i + 1} body")] =
                    VisibleText.Of(answer.Body.GetBuffer().AsSpan(0, (int)surelySeen));
            }
        }
    }

    private static bool IsBrokenOffOrRefused(Observation observation) =>
        observation.Answers is [] or [{ IsComplete: false }] or [{ Status: 502 }];

    private static void AddMessage(
        SortedDictionary<string, string> facts, string name, HttpMessage message, string startLine, Observation observation)
    {
        facts[name] = WithoutPorts(startLine, observation);
        AddFields(facts, $"{name} header", message.Headers, observation);
        facts[$"{name} body"] = VisibleText.Of(WithoutPorts(Encoding.Latin1.GetString(message.Body.ToArray()), observation));
        AddFields(facts, $"{name} trailer", message.Trailers, observation);
        facts[$"{name} end"] = message.IsComplete ? "complete" : "cut";
        facts[$"{name} faults"] = string.Join(", ", message.Faults);
    }

    private static void AddFields(
        SortedDictionary<string, string> facts, string name, List<(string Name, string Value)> fields, Observation observation)
    {
        foreach (IGrouping<string, string> field in fields.GroupBy(field => field.Name.ToLowerInvariant(), field => field.Value))
        {
            facts[$"{name} {field.Key}"] = string.Join(
                " | ", field.Select(value => VisibleText.Of(WithoutPorts(WithoutClock(field.Key, value), observation))));
        }
    }

    private static string WithoutClock(string name, string value) =>
        name == "date"
        && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date)
        && date.Year > 2000
            ? "(now)"
            : value;

    private static string WithoutPorts(string text, Observation observation) => text
        .Replace(observation.Upstream, "(upstream)", StringComparison.Ordinal)
        .Replace(observation.Proxy, "(proxy)", StringComparison.Ordinal);
}
