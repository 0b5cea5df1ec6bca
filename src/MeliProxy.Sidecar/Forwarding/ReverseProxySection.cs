using System.Globalization;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>
/// The routes and clusters that YARP reads: the user's own <c>ReverseProxy</c> section, or one made from <c>upstream</c>, so that both
/// forms take the same way from here on.
/// </summary>
internal sealed class ReverseProxySection : ConfigurationProvider, IConfigurationSource
{
    /// <summary>The cluster made from <c>upstream</c>.</summary>
    public const string UpstreamCluster = "upstream";

    public ReverseProxySection(SidecarConfiguration configuration)
    {
        Data = Flatten(configuration);
        IsDirect = configuration.Forwarding.Direct;
    }

    /// <summary>Whether requests that need nothing of YARP go straight to the upstream.</summary>
    public bool IsDirect { get; private set; }

    IConfigurationProvider IConfigurationSource.Build(IConfigurationBuilder builder) => this;

    /// <summary>Puts other routes and clusters in force; they have been checked before.</summary>
    public void Update(SidecarConfiguration configuration)
    {
        Data = Flatten(configuration);
        IsDirect = configuration.Forwarding.Direct;
        OnReload();
    }

    private static Dictionary<string, string?> Flatten(SidecarConfiguration configuration)
    {
        Dictionary<string, string?> section = new(StringComparer.OrdinalIgnoreCase);
        if (configuration.ReverseProxy is { } own)
        {
            foreach ((string key, string? value) in own)
            {
                section[key] = value;
            }

            foreach (string name in own.Keys.Select(ClusterOf).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase))
            {
                AddForwarding(section, name, configuration.Forwarding);
            }

            return section;
        }

        const string cluster = $"Clusters:{UpstreamCluster}";
        section["Routes:upstream:ClusterId"] = UpstreamCluster;
        section["Routes:upstream:Match:Path"] = "{**path}";
        AddForwarding(section, cluster, configuration.Forwarding);
        for (int i = 0; i < configuration.Upstream.Count; i++)
        {
            section[string.Create(CultureInfo.InvariantCulture, $"{cluster}:Destinations:{i}:Address")] = configuration.Upstream[i].ToString();
        }

        return section;
    }

    /// <summary>What <c>forwarding</c> says of connections to upstreams goes for each cluster, unless it says something else itself.</summary>
    private static void AddForwarding(Dictionary<string, string?> section, string cluster, ForwardingConfiguration forwarding)
    {
        section.TryAdd($"{cluster}:HttpRequest:ActivityTimeout", forwarding.ActivityTimeout.ToString("c", CultureInfo.InvariantCulture));
        section[$"{cluster}:Metadata:{UpstreamClientFactory.ConnectTimeoutKey}"] =
            forwarding.ConnectTimeout.ToString("c", CultureInfo.InvariantCulture);
        section[$"{cluster}:Metadata:{UpstreamClientFactory.CertificateAuthorityKey}"] = forwarding.CertificateAuthority;
    }

    /// <summary>The cluster that a key such as <c>Clusters:a:HttpRequest:Version</c> is of, as <c>Clusters:a</c>.</summary>
    private static string? ClusterOf(string key)
    {
        const string Clusters = "Clusters:";
        if (!key.StartsWith(Clusters, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        int end = key.IndexOf(':', Clusters.Length);
        return end < 0 ? key : key[..end];
    }
}
