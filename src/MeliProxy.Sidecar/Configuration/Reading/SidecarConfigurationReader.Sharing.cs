using System.Buffers;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>With whom the sidecar shares quotas.</content>
internal sealed partial class SidecarConfigurationReader
{
    private static readonly SearchValues<char> DomainCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    private static readonly string[] WaysToLogIn = ["user", "token", "nkeySeedFile", "credentialsFile"];

    private SharingConfiguration ReadSharing()
    {
        SettingsSection section = _root.ReadSection("sharing");
        List<Uri> nats = [];
        foreach ((string name, string text) in section.ReadOneOrMore("nats") ?? [])
        {
            if (section.ParseUrl(name, text, UrlForm.Nats) is { } url)
            {
                nats.Add(url);
                if (text.Contains(',', StringComparison.Ordinal))
                {
                    // The client would take what is before and after it for two servers.
                    section.Members.Error(name, "must not hold a comma; write an array for several servers");
                }
            }
        }

        string domain = section.Members.ReadString("domain") ?? "default";
        if (domain.Length is < 1 or > MaxNameLength || domain.AsSpan().ContainsAnyExcept(DomainCharacters))
        {
            section.Members.Error("domain", $"must have 1 to {MaxNameLength} characters of a-z, A-Z, 0-9, '_' and '-'");
        }

        string? node = section.ReadText("node");
        if (node is not null && (node.Length > MaxNameLength || node.Any(char.IsControl)))
        {
            section.Members.Error("node", $"must have 1 to {MaxNameLength} characters and no control characters");
        }

        SharingConfiguration sharing = new(
            new SharingServers(string.Join(',', nats.Select(url => url.OriginalString))),
            domain,
            node,
            ReadLogin(section, nats),
            ReadCertificates(section),
            (int)section.ReadInteger("replicas", absent: 1, min: 1, max: 5));
        section.Members.RejectUnknown();
        return sharing;
    }

    private static SharingLogin ReadLogin(SettingsSection section, List<Uri> nats)
    {
        SharingLogin login = new(
            section.ReadText("user"),
            section.ReadText("password"),
            section.ReadText("token"),
            section.ReadFile("nkeySeedFile"),
            section.ReadFile("credentialsFile"));
        string[] ways = [.. WaysToLogIn.Where(section.Has)];
        if (ways.Length > 1)
        {
            section.Members.Error(ways[1], $"is another way to authenticate than {ways[0]}; give one");
        }
        else if (ways.Length == 1 && nats.Exists(url => url.UserInfo.Length > 0))
        {
            section.Members.Error(ways[0], "is another way to authenticate than the user in nats; give one");
        }

        if (section.Has("user") != section.Has("password"))
        {
            section.Members.Error(section.Has("user") ? "user" : "password", "takes user and password together");
        }

        return login;
    }

    private static SharingCertificates ReadCertificates(SettingsSection section)
    {
        SharingCertificates certificates = new(
            section.ReadFile("certificateAuthority"), section.ReadFile("certificate"), section.ReadFile("key"));
        if (section.Has("certificate") != section.Has("key"))
        {
            section.Members.Error(section.Has("key") ? "key" : "certificate", "takes certificate and key together");
        }

        return certificates;
    }

    /// <summary>Says where a rule is shared and nothing to share it over.</summary>
    private void WarnOfUnshared(SidecarConfiguration configuration)
    {
        for (int i = 0; i < configuration.Rules.Count && !configuration.Sharing.Nats.Any; i++)
        {
            if (configuration.Rules[i].Scope == MeliProxy.RateLimiting.Rules.RuleScope.Shared)
            {
                Warn($"rules[{i}].scope", $"'{configuration.Rules[i].Name}' is counted in this process alone until sharing.nats is set");
            }
        }
    }
}
