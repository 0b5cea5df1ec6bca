namespace MeliProxy.Sidecar.Configuration;

/// <summary>Through what sidecars share quotas.</summary>
/// <param name="Nats">The NATS servers, which may hold a user and password; none: nothing is shared.</param>
/// <param name="Domain">The set of sidecars that share.</param>
internal sealed record SharingConfiguration(IReadOnlyList<Uri> Nats, string Domain);
