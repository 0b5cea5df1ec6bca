namespace MeliProxy.Sidecar.Configuration;

/// <summary>Through what sidecars share quotas.</summary>
/// <param name="Nats">The NATS servers, which may hold a user and password; none: nothing is shared.</param>
/// <param name="Domain">The set of sidecars that share.</param>
/// <param name="Node">What this sidecar is called, for people; <see langword="null"/>: after its machine and port.</param>
/// <param name="Login">How it authenticates to the servers.</param>
/// <param name="Certificates">What it trusts and shows where connections are encrypted.</param>
/// <param name="Replicas">How many servers keep what is agreed on.</param>
internal sealed record SharingConfiguration(
    SharingServers Nats, string Domain, string? Node, SharingLogin Login, SharingCertificates Certificates, int Replicas);
