using System.Text.Json;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace MeliProxy.RateLimiting.AspNetCore.Registration;

/// <summary>What a section of configuration says about a limiter; <see langword="null"/> where it says nothing.</summary>
internal sealed record QuotaConfiguration(
    IReadOnlyList<RateLimitRule> Rules,
    IReadOnlyList<RuleOverride> Overrides,
    RuleMode? Mode,
    int? MaxKeys,
    KeyCapBehavior? KeyCap,
    int? MaxQueued)
{
    private static readonly (string Name, RuleMode? Value)[] Modes = [("enforce", RuleMode.Enforce), ("shadow", RuleMode.Shadow)];

    private static readonly (string Name, KeyCapBehavior? Value)[] KeyCaps =
        [("admit", KeyCapBehavior.Admit), ("reject", KeyCapBehavior.Reject), ("overflow", KeyCapBehavior.Overflow)];

    /// <summary>The JSON path of a section, under which its errors are told.</summary>
    public static string PathOf(IConfiguration section) =>
        section is IConfigurationSection { Path: { Length: > 0 } path } ? $"$.{path.Replace(':', '.')}" : "$";

    /// <summary>Reads a section, as far as it can be read.</summary>
    /// <param name="json">The section, as <see cref="ConfigurationJson"/> writes it.</param>
    /// <param name="path">Its JSON path.</param>
    /// <param name="options">What the limiter is made from.</param>
    /// <param name="others">Rules that come from elsewhere; overrides may be for them too.</param>
    /// <param name="errors">Receives everything that is wrong; what was read is not to be used then.</param>
    public static QuotaConfiguration Read(
        ReadOnlyMemory<byte> json,
        string path,
        QuotaLimiterOptions<HttpContext> options,
        IReadOnlyList<RateLimitRule> others,
        ICollection<RuleError> errors)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonMembers members = new(document.RootElement, path, errors);
        IReadOnlyList<RateLimitRule> rules = [];
        if (members.ReadElement("rules") is { } list)
        {
            rules = RuleJson.ReadRules(list, $"{path}.rules", errors);
            options.CheckKeysAndMatches(rules, $"{path}.rules", errors);
        }

        QuotaConfiguration configuration = new(
            rules,
            members.ReadElement("overrides") is { } overrides
                ? RuleJson.ReadOverrides(overrides, [.. others, .. rules], $"{path}.overrides", errors)
                : [],
            members.ReadChoice("mode", Modes, absent: null),
            ReadInteger(members, "maxKeys", 1, QuotaLimiterOptions<HttpContext>.MaxMaxKeys),
            members.ReadChoice("keyCap", KeyCaps, absent: null),
            ReadInteger(members, "maxQueued", 0, QuotaLimiterOptions<HttpContext>.MaxMaxQueued));
        members.RejectUnknown();
        return configuration;
    }

    private static int? ReadInteger(JsonMembers members, string name, int least, int most)
    {
        long? value = members.ReadInteger(name);
        if (value < least || value > most)
        {
            members.Error(name, $"must be from {least} to {most}");
            return null;
        }

        return (int?)value;
    }
}
