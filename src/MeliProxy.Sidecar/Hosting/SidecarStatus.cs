namespace MeliProxy.Sidecar.Hosting;

/// <summary>Whether the proxy takes requests.</summary>
internal sealed class SidecarStatus
{
    private volatile bool _isReady;

    public bool IsReady
    {
        get => _isReady;
        set => _isReady = value;
    }
}
