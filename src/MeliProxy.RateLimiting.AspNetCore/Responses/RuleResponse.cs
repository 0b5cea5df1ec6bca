using System.Globalization;
using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.AspNetCore.Charges;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.RateLimiting.AspNetCore.Responses;

/// <summary>What answers say about one rule, formatted once and kept as long as the rule.</summary>
/// <remarks>Header syntax: draft-ietf-httpapi-ratelimit-headers-11, structured fields (RFC 9651).</remarks>
internal sealed class RuleResponse
{
    private const int StandingsKept = 256;
    private const string ConcurrentRequests = ";qu=\"concurrent-requests\"";
    private const string ContentBytes = ";qu=\"content-bytes\"";

    private static readonly ConditionalWeakTable<RateLimitRule, RuleResponse> Responses = [];

    private readonly string _name;
    private readonly bool _hasWindow;
    private readonly Standing?[] _standings = new Standing?[StandingsKept];

    private RuleResponse(RateLimitRule rule)
    {
        _name = rule.Name;
        _hasWindow = rule.NominalWindow > TimeSpan.Zero;
        Policy = FormatPolicy(rule);
        Problem = rule.Limit == 0 ? QuotaExceededProblem.FormatBlocked(rule.Name) : QuotaExceededProblem.Format([rule.Name]);
    }

    /// <summary>The <c>RateLimit-Policy</c> header.</summary>
    public StringValues Policy { get; }

    /// <summary>The body of a rejection by this rule alone.</summary>
    public byte[] Problem { get; }

    public static RuleResponse Of(RateLimitRule rule) =>
        Responses.TryGetValue(rule, out RuleResponse? response) ? response : Responses.GetValue(rule, static r => new RuleResponse(r));

    /// <summary>The <c>RateLimit</c> header. The most recent ones are kept, as the same few come again and again.</summary>
    public StringValues FormatStanding(in QuotaStanding now)
    {
        long remaining = now.Remaining;
        long seconds = Seconds.Ceiling(now.ResetAfter);
        ref Standing? kept = ref _standings[(uint)((remaining * 31) + seconds) % StandingsKept];
        Standing? standing = Volatile.Read(ref kept);
        if (standing is null || standing.Remaining != remaining || standing.Seconds != seconds)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"\"{_name}\";r={remaining}");
            if (_hasWindow)
            {
                text = string.Create(CultureInfo.InvariantCulture, $"{text};t={seconds}");
            }

            standing = new Standing(remaining, seconds, text);
            Volatile.Write(ref kept, standing);
        }

        return standing.Text;
    }

    private static string FormatPolicy(RateLimitRule rule)
    {
        if (rule.NominalWindow == TimeSpan.Zero)
        {
            return string.Create(CultureInfo.InvariantCulture, $"\"{rule.Name}\";q={rule.Limit}{ConcurrentRequests}");
        }

        // The draft counts windows in whole seconds: a window below one second is stated as its rate over one second.
        long seconds = Math.Max(Seconds.Ceiling(rule.NominalWindow), 1);
        long quota = (long)((Int128)rule.Limit * (seconds * TimeSpan.TicksPerSecond) / rule.NominalWindow.Ticks);

        // Other units than these are not registered, and one that mixes requests and bytes has no name.
        string unit = rule is { Cost: 0, Charge: RuleDemands.ResponseBytes or RuleDemands.RequestBytes } ? ContentBytes : "";
        return string.Create(CultureInfo.InvariantCulture, $"\"{rule.Name}\";q={quota}{unit};w={seconds}");
    }

    private sealed record Standing(long Remaining, long Seconds, string Text);
}
