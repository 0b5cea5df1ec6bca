using System.Security.Cryptography.X509Certificates;
using MeliProxy.Sidecar.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MeliProxy.Sidecar.Admin;

/// <summary>Encrypts the admin listener, and asks operators for certificates if they are to have some.</summary>
internal static class AdminCertificates
{
    /// <param name="endpoint">The listener.</param>
    /// <param name="tls">What it shows.</param>
    /// <param name="authority">A PEM file with those who issue operators' certificates; <see langword="null"/>: none is asked for.</param>
    public static void Use(ListenOptions endpoint, TlsConfiguration tls, string? authority)
    {
        endpoint.UseHttps(https =>
        {
            https.ServerCertificate = tls.LoadCertificate();
            https.ServerCertificateChain = tls.LoadChain();
            if (authority is null)
            {
                return;
            }

            X509Certificate2Collection trusted = [];
            trusted.ImportFromPemFile(authority);
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) => IsIssuedByOneOf(certificate, trusted);
        });
    }

    private static bool IsIssuedByOneOf(X509Certificate2 certificate, X509Certificate2Collection trusted)
    {
        const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClientAuthentication));
        return chain.Build(certificate);
    }
}
