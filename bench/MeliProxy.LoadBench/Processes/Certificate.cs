using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeliProxy.LoadBench.Processes;

/// <summary>The certificate that everyone in the bench shows, and trusts.</summary>
/// <param name="Chain">The certificate in PEM.</param>
/// <param name="Key">Its key.</param>
/// <param name="Both">Both in one file.</param>
public sealed record Certificate(string Chain, string Key, string Both)
{
    /// <summary>The name it is for beside 127.0.0.1.</summary>
    public const string Name = "localhost";

    public static Certificate Create(string folder)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={Name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(Name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));

        Certificate files = new(Path.Combine(folder, "certificate.pem"), Path.Combine(folder, "key.pem"), Path.Combine(folder, "both.pem"));
        string chain = certificate.ExportCertificatePem() + "\n";
        string secret = key.ExportPkcs8PrivateKeyPem() + "\n";
        File.WriteAllText(files.Chain, chain);
        File.WriteAllText(files.Key, secret);
        File.WriteAllText(files.Both, chain + secret);
        return files;
    }
}
