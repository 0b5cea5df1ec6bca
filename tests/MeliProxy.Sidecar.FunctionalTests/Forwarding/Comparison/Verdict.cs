using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Comparison;

/// <summary>What is wrong with how two forwarders have dealt with an exchange.</summary>
internal static class Verdict
{
    /// <summary>Everything that is wrong, a line or a few for each; empty if all is well.</summary>
    public static IReadOnlyList<string> Find(Exchange exchange, Observation direct, Observation yarp) =>
    [
        .. Compare(exchange, direct, yarp)
            .Where(difference => !Deviation.All.Any(deviation => deviation.Covers(exchange, difference, direct)))
            .Select(difference => difference.ToString()),
        .. FindFaults("direct", exchange, direct),
        .. FindFaults("YARP", exchange, yarp),
        .. direct.Answers.Zip(yarp.Answers)
            .Where(answers => !(answers.First.IsComplete && answers.Second.IsComplete) && !AreOneBody(answers.First, answers.Second))
            .Select(_ => "the bodies of the cut answer are not parts of the same"),
    ];

    /// <summary>Whether one body is the other, or its beginning.</summary>
    private static bool AreOneBody(HttpMessage one, HttpMessage other)
    {
        int length = (int)Math.Min(one.Body.Length, other.Body.Length);
        return one.Status != other.Status
            || one.Body.GetBuffer().AsSpan(0, length).SequenceEqual(other.Body.GetBuffer().AsSpan(0, length));
    }

    private static IEnumerable<Difference> Compare(Exchange exchange, Observation direct, Observation yarp)
    {
        SortedDictionary<string, string> ofDirect = Facts.Of(exchange, direct);
        SortedDictionary<string, string> ofYarp = Facts.Of(exchange, yarp);
        return ofDirect.Keys.Union(ofYarp.Keys)
            .Select(fact => new Difference(fact, ofDirect.GetValueOrDefault(fact), ofYarp.GetValueOrDefault(fact)))
            .Where(difference => difference.Direct != difference.Yarp);
    }

    /// <summary>What no forwarder may do, whatever the other does.</summary>
    private static IEnumerable<string> FindFaults(string forwarder, Exchange exchange, Observation observation)
    {
        foreach (HttpMessage message in observation.Answers.Concat(observation.Requests).Where(message => message.Faults.Count > 0))
        {
            yield return $"{forwarder} wrote what is not HTTP/1.1 ({string.Join(", ", message.Faults)}): {VisibleText.Of(message.StartLine)}";
        }

        // Only the proxy's own answer can be whole, which is an error.
        if (exchange.IsBroken && observation.Answers.Any(answer => answer is { IsComplete: true, IsInterim: false, Status: < 400 }))
        {
            yield return $"{forwarder} made a broken answer look whole";
        }
    }
}
