using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>The certificate that listeners with https show.</summary>
/// <param name="Certificate">The file: PEM, the certificate first and then those that issued it, or PKCS #12 if its name ends in .pfx or .p12.</param>
/// <param name="Key">The PEM file of the private key; <see langword="null"/> if it is in the certificate's file.</param>
/// <param name="Password">What the private key is encrypted with, if it is.</param>
internal sealed record TlsConfiguration(string Certificate, string? Key, string? Password)
{
    public bool IsPkcs12 =>
        Path.GetExtension(Certificate) is { } extension
        && (extension.Equals(".pfx", StringComparison.OrdinalIgnoreCase) || extension.Equals(".p12", StringComparison.OrdinalIgnoreCase));

    /// <summary>Loads the certificate with its private key.</summary>
    /// <exception cref="CryptographicException">A file does not hold what it should, or the password is wrong.</exception>
    public X509Certificate2 LoadCertificate()
    {
        if (IsPkcs12)
        {
            return X509CertificateLoader.LoadPkcs12FromFile(Certificate, Password);
        }

        return Password is null
            ? X509Certificate2.CreateFromPemFile(Certificate, Key)
            : X509Certificate2.CreateFromEncryptedPemFile(Certificate, Password, Key);
    }

    /// <summary>Loads all certificates of the file, so that those that issued the first can be sent along with it.</summary>
    /// <exception cref="CryptographicException">The file does not hold certificates, or the password is wrong.</exception>
    public X509Certificate2Collection LoadChain()
    {
        if (IsPkcs12)
        {
            return X509CertificateLoader.LoadPkcs12CollectionFromFile(Certificate, Password);
        }

        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(Certificate);
        return chain;
    }

    /// <summary>Leaves the password out.</summary>
    public override string ToString() => $"{nameof(TlsConfiguration)} {{ {Certificate} }}";
}
