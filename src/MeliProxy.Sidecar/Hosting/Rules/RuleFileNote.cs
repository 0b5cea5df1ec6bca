using MeliProxy.RateLimiting.Control;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Hosting.Rules;

/// <summary>Says before a start what would be in force other than the configuration's rules.</summary>
internal static class RuleFileNote
{
    /// <returns>The note for people; <see langword="null"/> if the configuration's rules would be in force.</returns>
    public static string? Of(SidecarConfiguration configuration)
    {
        if (configuration.RulesFile is not { } path)
        {
            return null;
        }

        RuleDocument? document;
        try
        {
            document = new RuleFile(path).Read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return $"the rules in {path} cannot be read, so a sidecar would use the configuration's: {e.Message}";
        }

        if (document?.DescribeDifferences(configuration.RuleSet) is not { Count: > 0 } differences)
        {
            return null;
        }

        string list = string.Join(", ", differences);
        if (configuration.Sharing.Nats.Any)
        {
            return $"the rules of the domain {configuration.Sharing.Domain} win over the configuration's; they were last known, in {path}, "
                + $"as revision {document.Revision}, which differs in: {list}";
        }

        return document.Seed == RuleDocument.FingerprintOf(configuration.RuleSet)
            ? $"commands have changed the rules since the configuration was edited, so those of {path} win, revision {document.Revision}, "
                + $"which differs in: {list}"
            : $"the configuration's rules were edited after commands had changed them, so they win over {path}, revision {document.Revision}, "
                + $"which differs in: {list}";
    }
}
