namespace MeliProxy.Sidecar.Configuration;

/// <summary>The NATS servers, in the form that the client takes; empty if there are none. May hold a password, so it is not shown.</summary>
/// <param name="Urls">URLs with commas between them.</param>
internal sealed record SharingServers(string Urls)
{
    public bool Any => Urls.Length > 0;

    public override string ToString() => Any ? "servers" : "none";
}
