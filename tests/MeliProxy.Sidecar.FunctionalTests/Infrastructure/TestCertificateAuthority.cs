using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>Issues server certificates for tests; its own certificate is a PEM file that the sidecar can be told to trust.</summary>
public sealed class TestCertificateAuthority : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly TemporaryFolder _folder = new();

    public TestCertificateAuthority()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=Test authority", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        _authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        PemFile = _folder.Write("authority.pem", _authority.ExportCertificatePem());
    }

    public string PemFile { get; }

    /// <summary>For clients: trusts what this authority issued, and nothing else.</summary>
    public X509ChainPolicy CreateChainPolicy()
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(_authority);
        return policy;
    }

    public X509Certificate2 Issue(params string[] names)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new($"CN={names[0]}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(alternatives.Build());
        byte[] serial = RandomNumberGenerator.GetBytes(8);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 issued = request.Create(_authority, now.AddHours(-1), now.AddDays(1), serial);
        using X509Certificate2 withKey = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Issues a certificate and writes it and its key as PEM files.</summary>
    public (string Certificate, string Key) IssueFiles(params string[] names)
    {
        using X509Certificate2 certificate = Issue(names);
        using RSA key = certificate.GetRSAPrivateKey()!;
        using RSA exportable = RSA.Create();
        exportable.ImportEncryptedPkcs8PrivateKey(
            "x", key.ExportEncryptedPkcs8PrivateKey("x", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1)), out _);
        return (_folder.Write("server.pem", certificate.ExportCertificatePem()), _folder.Write("server.key", exportable.ExportPkcs8PrivateKeyPem()));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }
}
