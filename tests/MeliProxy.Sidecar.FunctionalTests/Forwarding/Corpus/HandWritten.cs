using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Corpus;

/// <summary>All exchanges that are written by hand, by the name of their kind.</summary>
internal static class HandWritten
{
    private static readonly IReadOnlyDictionary<string, IReadOnlyList<Exchange>> Kinds = new Dictionary<string, IReadOnlyList<Exchange>>
    {
        ["targets"] = [.. TargetExchanges.All()],
        ["request headers"] = [.. RequestHeaderExchanges.All()],
        ["request bodies"] = [.. RequestBodyExchanges.All()],
        ["connections"] = [.. ConnectionExchanges.All()],
        ["answers"] = [.. AnswerExchanges.All()],
        ["broken answers"] = [.. BrokenAnswerExchanges.All()],
    };

    public static IEnumerable<string> KindNames => Kinds.Keys;

    public static IReadOnlyList<Exchange> OfKind(string kind) => Kinds[kind];
}
