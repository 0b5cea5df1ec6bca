using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>Where the sidecar listens.</content>
internal sealed partial class SidecarConfigurationReader
{
    private static readonly ListenAddress DefaultListen = new(false, "127.0.0.1", 8080);

    private List<(string Name, ListenAddress Address)> ReadListen()
    {
        if (_root.ReadOneOrMore("listen") is not { } texts)
        {
            return [("listen", DefaultListen)];
        }

        List<(string Name, ListenAddress Address)> listen = [];
        foreach ((string name, string text) in texts)
        {
            if (ParseListen(_root, name, text) is not { } address)
            {
                continue;
            }

            if (listen.Find(l => l.Address.Overlaps(address)) is { Name: { } other })
            {
                _root.Members.Error(name, $"{address} is already taken by {_root.Path}.{other}");
            }

            listen.Add((name, address));
        }

        return listen;
    }

    private TlsConfiguration? ReadTls(IReadOnlyList<(string Name, ListenAddress Address)> listen)
    {
        if (_root.ReadOptionalSection("tls") is not { } section)
        {
            foreach ((string name, ListenAddress address) in listen.Where(l => l.Address.IsHttps))
            {
                _root.Members.Error(name, $"{address} needs a certificate; set tls.certificate");
            }

            return null;
        }

        TlsConfiguration tls = ReadTls(section);
        if (!listen.Any(l => l.Address.IsHttps))
        {
            Warn("tls", "is not used: nothing listens on https");
        }

        return tls;
    }

    private TlsConfiguration ReadTls(SettingsSection section)
    {
        int before = _errors.Count;
        string? certificate = section.ReadFile("certificate", required: true);
        TlsConfiguration tls = new(certificate ?? "", section.ReadFile("key"), section.Members.ReadString("password"));
        section.Members.RejectUnknown();
        if (_errors.Count == before)
        {
            CheckCertificate(section, tls);
        }

        return tls;
    }

    private static void CheckCertificate(SettingsSection section, TlsConfiguration tls)
    {
        if (tls is { IsPkcs12: true, Key: not null })
        {
            section.Members.Error("key", "must not be set: a .pfx or .p12 file holds the private key itself");
            return;
        }

        try
        {
            using X509Certificate2 certificate = tls.LoadCertificate();
            if (!certificate.HasPrivateKey)
            {
                section.Members.Error("certificate", $"the file '{tls.Certificate}' holds no private key");
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            section.Members.Error("certificate", tls.Password is null
                ? "the files do not hold a certificate and its private key, or the key is encrypted and tls.password is not set"
                : "the files do not hold a certificate and its private key, or tls.password is wrong");
        }
    }

    private static ListenAddress? ParseListen(SettingsSection section, string name, string text)
    {
        if (ListenAddress.TryParse(text, out ListenAddress? address, out string? error))
        {
            return address;
        }

        section.Members.Error(name, $"{UrlForm.Quote(text)} {error}");
        return null;
    }
}
