using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>What rules have to be beyond what a set of rules checks, to be good for a proxy.</summary>
internal static class RuleChecks
{
    /// <summary>Adds what is wrong with rules.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="path">The JSON path of their list.</param>
    /// <param name="errors">Receives what is wrong, after what is known to be wrong already.</param>
    public static void Check(IReadOnlyList<RateLimitRule> rules, string path, ICollection<RuleError> errors)
    {
        // Which key parts there are does not depend on how addresses are told, so any resolver will do.
        QuotaLimiterOptions<HttpContext> options = HttpQuota.CreateOptions(new ClientAddressResolver(new ClientIpOptions()));
        options.CheckKeysAndMatches(rules, path, errors);
        for (int i = 0; i < rules.Count; i++)
        {
            CheckCharge(rules[i].Charge, $"{path}[{i}].charge", errors);
            if (rules[i].Match is { Endpoint: true })
            {
                errors.Add(new RuleError(
                    $"{path}[{i}].match.endpoint",
                    "is for programs with endpoints, and a proxy has none; say which requests are meant by path, methods, hosts or headers"));
            }
        }
    }

    /// <summary>Programs may charge what they like; in a proxy nothing would be charged that its middleware does not measure.</summary>
    private static void CheckCharge(string? charge, string path, ICollection<RuleError> errors)
    {
        if (charge is not null && !HttpQuota.IsMeasured(charge) && errors.All(error => error.Path != path))
        {
            errors.Add(new RuleError(path, $"'{charge}' is nothing that a proxy measures; use {string.Join(", ", HttpQuota.MeasuredCharges)}"));
        }
    }
}
