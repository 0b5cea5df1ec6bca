using System.Collections.Frozen;
using MeliProxy.Sidecar.Configuration;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>The routes whose requests can go straight to their destination, made anew whenever YARP's configuration has changed.</summary>
internal sealed class DirectRoutes(
    IServiceProvider services,
    ReverseProxySection section,
    TelemetryConfiguration telemetry,
    IEnumerable<ILoadBalancingPolicy> balancing,
    UpstreamPools pools) : IConfigChangeListener
{
    private readonly Dictionary<string, ILoadBalancingPolicy> _balancing =
        balancing.ToDictionary(policy => policy.Name, StringComparer.OrdinalIgnoreCase);

    private volatile FrozenDictionary<RouteModel, DirectRoute> _routes = FrozenDictionary<RouteModel, DirectRoute>.Empty;
    private volatile DirectRoute? _sole;

    /// <summary>The route of every request, if there is only one and it is a direct one: then nothing has to be looked for.</summary>
    public DirectRoute? Sole => _sole;

    /// <summary>What a route of YARP's comes to; <see langword="null"/> if its requests need YARP.</summary>
    public DirectRoute? Find(RouteModel route) => _routes.GetValueOrDefault(route);

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        // Not in the constructor: what knows the routes is what calls this.
        RouteModel[] all = [.. services.GetRequiredService<IProxyStateLookup>().GetRoutes()];
        Dictionary<RouteModel, DirectRoute> direct = [];

        // Spans of requests to upstreams, and the HTTP client's own metrics, come from the client that YARP uses.
        bool isDirect = section.IsDirect && telemetry is { Traces: false, HttpMetrics: false };
        foreach (RouteModel route in isDirect ? all : [])
        {
            if (DirectRoute.TryCreate(route, _balancing, pools) is { } made)
            {
                direct[route] = made;
            }
        }

        _routes = direct.ToFrozenDictionary();
        _sole = all.Length == 1 && direct.Values.FirstOrDefault() is { TakesAll: true, NeedsPipeline: false } sole ? sole : null;
    }

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception)
    {
    }

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception)
    {
    }
}
