using System.Security.Cryptography.X509Certificates;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>Whom upstreams' certificates are trusted to come from.</summary>
internal static class UpstreamCertificates
{
    /// <summary>Trusts the authorities of a PEM file beside the system's own, not instead of them.</summary>
    public static X509ChainPolicy CreateChainPolicy(string authorities)
    {
        X509Certificate2Collection roots = [];
        roots.ImportFromPemFile(authorities);
        using X509Store system = new(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(system.Certificates);
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
