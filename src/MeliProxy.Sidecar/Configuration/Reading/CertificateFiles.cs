using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <summary>Looks into files of certificates.</summary>
internal static class CertificateFiles
{
    /// <summary>Whether a PEM file holds at least one certificate.</summary>
    public static bool HoldCertificates(string file)
    {
        X509Certificate2Collection certificates = [];
        try
        {
            certificates.ImportFromPemFile(file);
            return certificates.Count > 0;
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates)
            {
                certificate.Dispose();
            }
        }
    }
}
