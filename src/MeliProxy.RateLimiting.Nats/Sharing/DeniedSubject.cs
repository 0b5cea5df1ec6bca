using System.Text.RegularExpressions;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>The subject that a server's refusal names, as a pattern that permissions can be set by.</summary>
internal static partial class DeniedSubject
{
    /// <summary>
    /// Puts aside what is new in each run, for each question or for each shard: <c>lease.nodes.*</c> for <c>lease.nodes.0f3a…</c>.
    /// </summary>
    /// <param name="error">What the server said.</param>
    public static string Generalize(string error) => Own().Replace(error, "*");

    /// <summary>Numbers of members, questions, shards and chunks, and the random part of an inbox.</summary>
    [GeneratedRegex("""
        (?<=\.(?:lease\.nodes?|shard|ledger)(?:\.[0-9a-f]+)*\.)[0-9a-f]+(?=[."'\s]|$)|(?<=_INBOX\.)[0-9A-Za-z]+
        """,
        RegexOptions.CultureInvariant)]
    private static partial Regex Own();
}
