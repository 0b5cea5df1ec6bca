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
        RuleChecks.Check(rules, path, _errors);
        return rules;
    }

    private IReadOnlyList<RuleOverride> ReadOverrides(IReadOnlyList<RateLimitRule> rules) =>
        _root.Members.ReadElement("overrides") is { } element
            ? RuleJson.ReadOverrides(element, rules, $"{_root.Path}.overrides", _errors)
            : [];
}
