namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>The listener for operators.</content>
internal sealed partial class SidecarConfigurationReader
{
    private static readonly ListenAddress DefaultAdmin = new(false, "127.0.0.1", 8081);

    private AdminConfiguration ReadAdmin(IReadOnlyList<(string Name, ListenAddress Address)> listen)
    {
        SettingsSection section = _root.ReadSection("admin");
        string? text = section.Members.ReadString("listen");
        ListenAddress? address = text is not null ? ParseListen(section, "listen", text)
            : section.IsNull("listen") ? null
            : DefaultAdmin;
        AdminConfiguration admin = new(
            address,
            ReadTokens(section),
            section.ReadOptionalSection("tls") is { } tls ? ReadTls(tls) : null,
            section.ReadFile("clientCertificateAuthority"),
            section.Members.ReadBoolean("allowAnonymous") ?? false);
        section.Members.RejectUnknown();
        if (address is not null)
        {
            CheckAdmin(section, address, admin, listen);
        }

        return admin;
    }

    private static void CheckAdmin(
        SettingsSection section, ListenAddress address, AdminConfiguration admin, IReadOnlyList<(string Name, ListenAddress Address)> listen)
    {
        if (address.IsHttps && admin.Tls is null)
        {
            section.Members.Error("listen", $"{address} needs a certificate; set admin.tls.certificate");
        }
        else if (!address.IsHttps && admin.Tls is not null)
        {
            section.Members.Error("listen", $"{address} does not use admin.tls; listen on https://");
        }

        if (admin.ClientCertificateAuthority is { } file)
        {
            if (!CertificateFiles.HoldCertificates(file))
            {
                section.Members.Error("clientCertificateAuthority", $"the file '{file}' holds no certificate in PEM form");
            }
            else if (!address.IsHttps)
            {
                section.Members.Error("clientCertificateAuthority", "is for https only, and admin.listen is http");
            }
        }

        if (!address.IsLoopback && admin is { Tokens.Count: 0, ClientCertificateAuthority: null, AllowAnonymous: false })
        {
            section.Members.Error(
                "listen",
                $"{address} can be reached from other machines, so admin.token must be set, or admin.clientCertificateAuthority; "
                + "admin.allowAnonymous lets everyone change the rules who can connect");
        }

        if (listen.FirstOrDefault(l => l.Address.Overlaps(address)) is { Name: { } other })
        {
            section.Members.Error("listen", $"{address} is already taken by $.{other}");
        }
    }

    private static Dictionary<string, string> ReadTokens(SettingsSection section)
    {
        Dictionary<string, string> tokens = new(StringComparer.Ordinal);
        string? token = section.ReadText("token");
        if (token is not null)
        {
            CheckToken(section, "token", token);
            tokens.Add(AdminConfiguration.DefaultName, token);
        }

        foreach ((string name, string value) in section.Members.ReadStringMap("tokens"))
        {
            string member = $"tokens.{name}";
            CheckToken(section, member, value);
            if (name.Length is < 1 or > MaxNameLength || name.Any(char.IsControl))
            {
                section.Members.Error(member, $"must have a name of 1 to {MaxNameLength} characters, and no control characters");
            }
            else if (!tokens.TryAdd(name, value))
            {
                section.Members.Error(member, "is the name of admin.token; choose another");
            }
            else if (tokens.Count(other => other.Value == value) > 1)
            {
                section.Members.Error(member, "is the same token as another; give each a token of its own");
            }
        }

        return tokens;
    }

    private static void CheckToken(SettingsSection section, string name, string token)
    {
        if (token.Length == 0)
        {
            section.Members.Error(name, "must not be empty");
        }
        else if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            section.Members.Error(name, "must consist of visible ASCII characters without spaces, as it is sent in a header");
        }
    }
}
