using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>The rules and what overrides them.</content>
internal sealed partial class SidecarConfigurationReader
{
    private IReadOnlyList<RateLimitRule> ReadRules()
    {
        if (_root.Members.ReadElement("rules") is not { } element)
        {
            return [];
        }

        string path = $"{_root.Path}.rules";
        IReadOnlyList<RateLimitRule> rules = RuleJson.ReadRules(element, path, _errors);

        // Which key parts there are does not depend on how addresses are told, so any resolver will do.
        QuotaLimiterOptions<HttpContext> options = HttpQuota.CreateOptions(new ClientAddressResolver(new ClientIpOptions()));
        options.CheckKeysAndMatches(rules, path, _errors);
        for (int i = 0; i < rules.Count; i++)
        {
            CheckCharge(rules[i].Charge, $"{path}[{i}].charge");
        }

        return rules;
    }

    /// <summary>Programs may charge what they like; in a proxy nothing would be charged that its middleware does not measure.</summary>
    private void CheckCharge(string? charge, string path)
    {
        if (charge is not null && !HttpQuota.IsMeasured(charge) && _errors.All(error => error.Path != path))
        {
            _errors.Add(new RuleError(path, $"'{charge}' is nothing that a proxy measures; use {string.Join(", ", HttpQuota.MeasuredCharges)}"));
        }
    }

    private IReadOnlyList<RuleOverride> ReadOverrides(IReadOnlyList<RateLimitRule> rules) =>
        _root.Members.ReadElement("overrides") is { } element
            ? RuleJson.ReadOverrides(element, rules, $"{_root.Path}.overrides", _errors)
            : [];
}
