using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>PEM files for encrypted connections.</summary>
/// <param name="Authority">Whom the other side's certificate is checked against; <see langword="null"/>: whom the system trusts.</param>
/// <param name="Certificate">What to show if the other side asks who is there.</param>
/// <param name="Key">The key of that.</param>
internal sealed record ClientCertificates(string? Authority, string? Certificate, string? Key)
{
    /// <exception cref="AdminException">A file cannot be read.</exception>
    public void ApplyTo(SslClientAuthenticationOptions options)
    {
        if (Authority is not null)
        {
            X509Certificate2Collection roots = Read("--ca", Authority, file =>
            {
                X509Certificate2Collection certificates = [];
                certificates.ImportFromPemFile(file);
                return certificates.Count > 0 ? certificates : throw new CryptographicException("there is no certificate in it");
            });
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(roots);
        }

        if (Certificate is not null)
        {
            options.ClientCertificateContext = Read("--cert", Certificate, file =>
            {
                X509Certificate2Collection chain = [];
                chain.ImportFromPemFile(file);
                return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(file, Key), chain, offline: true);
            });
        }
    }

    private static T Read<T>(string option, string file, Func<string, T> read)
    {
        try
        {
            return read(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new AdminException($"{option} {file}: {PrintableText.Of(e.Message)}", e);
        }
    }
}
