using MeliProxy.RateLimiting.AspNetCore.Charges;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.AspNetCore.Keys;
using MeliProxy.RateLimiting.AspNetCore.Matching;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Where limiters for HTTP requests begin, for programs that build them without dependency injection.</summary>
public static class HttpQuota
{
    /// <summary>
    /// The charges that <c>UseQuotaLimiter</c> makes by itself, as people write them: <c>request-bytes</c>, <c>response-bytes</c> and
    /// <c>response-header:NAME</c>.
    /// </summary>
    public static IReadOnlyList<string> MeasuredCharges { get; } =
        [RuleDemands.RequestBytes, RuleDemands.ResponseBytes, $"{RuleDemands.ResponseHeader}NAME"];

    /// <summary>Options with the HTTP key parts and the HTTP meaning of a rule's match, and no rules yet.</summary>
    /// <param name="resolver">Tells the addresses of clients, for the key part <c>client-ip</c>.</param>
    /// <param name="logger">
    /// Told when a key or match cannot be computed, at most once a minute for each rule. <see langword="null"/>, the default: nobody is.
    /// </param>
    /// <param name="time">The clock. <see langword="null"/>, the default: <see cref="TimeProvider.System"/>.</param>
    /// <returns>Options for a <see cref="QuotaLimiter{TResource}"/>.</returns>
    public static QuotaLimiterOptions<HttpContext> CreateOptions(
        ClientAddressResolver resolver, ILogger? logger = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        TimeProvider clock = time ?? TimeProvider.System;
        QuotaLimiterOptions<HttpContext> options = new()
        {
            RuleMatcher = HttpRuleMatcher.Compile,
            TimeProvider = clock,
            ErrorHandler = new KeyErrorLog(logger ?? NullLogger.Instance, clock).Tell,
        };
        options.KeySources.AddHttpKeys(resolver);
        return options;
    }

    /// <summary>Whether a charge is one that <c>UseQuotaLimiter</c> makes by itself; others are left to the program.</summary>
    /// <param name="charge">A <see cref="RateLimitRule.Charge"/>, such as <c>response-header:X-Cost</c>.</param>
    /// <returns>Whether it is one of <see cref="MeasuredCharges"/>, with the name of a header where that asks for one.</returns>
    public static bool IsMeasured(string charge)
    {
        ArgumentNullException.ThrowIfNull(charge);
        return charge is RuleDemands.RequestBytes or RuleDemands.ResponseBytes
            || (charge.StartsWith(RuleDemands.ResponseHeader, StringComparison.Ordinal)
                && HttpToken.IsValid(charge.AsSpan(RuleDemands.ResponseHeader.Length)));
    }
}
