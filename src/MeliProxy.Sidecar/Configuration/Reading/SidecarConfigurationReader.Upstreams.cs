using MeliProxy.Sidecar.Configuration.Keys;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>Where requests are forwarded to.</content>
internal sealed partial class SidecarConfigurationReader
{
    private static readonly Uri DefaultUpstream = new("https://api.mercadolibre.com");

    private List<Uri> ReadUpstream()
    {
        bool hasReverseProxy = _root.Has(KnownKeys.ReverseProxy);
        if (_root.ReadOneOrMore("upstream") is not { } texts)
        {
            return hasReverseProxy ? [] : [DefaultUpstream];
        }

        if (hasReverseProxy)
        {
            _root.Members.Error("upstream", "must not be set together with ReverseProxy, which says where requests go");
        }

        List<Uri> upstream = [];
        foreach ((string name, string text) in texts)
        {
            if (_root.ParseUrl(name, text, UrlForm.Web) is { } url)
            {
                if (upstream.Contains(url))
                {
                    _root.Members.Error(name, $"'{text}' is given twice");
                }

                upstream.Add(url);
            }
        }

        return upstream;
    }

    private Dictionary<string, string?>? ReadReverseProxy() =>
        _root.Members.ReadElement(KnownKeys.ReverseProxy) is { } section
            ? new ReverseProxyReader(_errors).Read(section, $"{_root.Path}.{KnownKeys.ReverseProxy}")
            : null;
}
