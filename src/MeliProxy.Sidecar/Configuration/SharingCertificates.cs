namespace MeliProxy.Sidecar.Configuration;

/// <summary>PEM files for encrypted connections to NATS servers.</summary>
/// <param name="Authority">Whom the servers' certificates are checked against; <see langword="null"/>: whom the system trusts.</param>
/// <param name="Certificate">This sidecar's own, where the servers ask for one.</param>
/// <param name="Key">The key of that.</param>
internal sealed record SharingCertificates(string? Authority, string? Certificate, string? Key);
