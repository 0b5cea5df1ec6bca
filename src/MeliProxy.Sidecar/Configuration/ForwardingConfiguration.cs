namespace MeliProxy.Sidecar.Configuration;

/// <summary>How requests are forwarded to <see cref="SidecarConfiguration.Upstream"/>.</summary>
/// <param name="ConnectTimeout">How long connecting may take.</param>
/// <param name="ActivityTimeout">How long an exchange may go without a byte in either direction.</param>
/// <param name="CertificateAuthority">A PEM file of authorities trusted beside the system's, with its full path.</param>
/// <param name="Direct">Whether requests that need nothing of YARP go straight to the upstream.</param>
internal sealed record ForwardingConfiguration(TimeSpan ConnectTimeout, TimeSpan ActivityTimeout, string? CertificateAuthority, bool Direct);
