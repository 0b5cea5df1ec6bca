using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Authentication;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>A route of YARP's whose requests can go straight to their destination, decided once for each change of configuration.</summary>
internal sealed class DirectRoute
{
    private static readonly TimeSpan DefaultActivityTimeout = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan DefaultConnectTimeout = TimeSpan.FromSeconds(15);

    private readonly ClusterState _cluster;
    private readonly ClusterConfig _config;
    private readonly ILoadBalancingPolicy? _balancing;
    private readonly UpstreamPools _pools;
    private volatile DirectDestination[] _destinations = [];

    private DirectRoute(RouteModel route, ClusterState cluster, ILoadBalancingPolicy? balancing, UpstreamPools pools)
    {
        RouteId = route.Config.RouteId;
        _cluster = cluster;
        _config = cluster.Model.Config;
        _balancing = balancing;
        _pools = pools;
        Forwarded = cluster.ClusterId == ReverseProxySection.UpstreamCluster ? ForwardedHeaders.Trusted : ForwardedHeaders.Replaced;

        // One more, as time is coarse and no exchange is to be broken off early.
        Patience = UpstreamPools.ToTicks(_config.HttpRequest?.ActivityTimeout ?? DefaultActivityTimeout) + 1;
        TakesAll = route.Config is { Match: { Hosts: null or [], Methods: null or [], Headers: null or [], QueryParameters: null or [] } match }
            && match.Path is { } path
            && (path.StartsWith("{**", StringComparison.Ordinal) || path.StartsWith("/{**", StringComparison.Ordinal))
            && path.EndsWith('}')
            && !path.AsSpan(3).ContainsAny(":=?")
            && path.Count(c => c == '{') == 1;
        NeedsPipeline = _config.SessionAffinity?.Enabled == true || _config.HealthCheck?.Passive?.Enabled == true;
    }

    public string RouteId { get; }

    /// <summary>Who says whom a request comes from.</summary>
    public ForwardedHeaders Forwarded { get; }

    /// <summary>How many ticks an exchange may stand still.</summary>
    public long Patience { get; }

    /// <summary>Whether it matches every request.</summary>
    public bool TakesAll { get; }

    /// <summary>Whether YARP has to see its requests before and after, for session affinity or passive health checks.</summary>
    public bool NeedsPipeline { get; }

    /// <summary>Makes one of a route of YARP's, unless its requests need something that only YARP does.</summary>
    public static DirectRoute? TryCreate(RouteModel route, IReadOnlyDictionary<string, ILoadBalancingPolicy> balancing, UpstreamPools pools)
    {
        if (route.Cluster is not { Model.Config: var cluster } state
            || route.Config.Transforms is { Count: > 0 }
            || route.Config is not { MaxRequestBodySize: null, Timeout: null, TimeoutPolicy: null, AuthorizationPolicy: null, CorsPolicy: null }
            || route.Config is not { RateLimiterPolicy: null, OutputCachePolicy: null }
            || cluster.HttpClient is { WebProxy.Address: not null }
                or { MaxConnectionsPerServer: not null }
                or { RequestHeaderEncoding: not null }
                or { ResponseHeaderEncoding: not null }
            || !SpeaksHttp1(cluster.HttpRequest))
        {
            return null;
        }

        balancing.TryGetValue(cluster.LoadBalancingPolicy ?? LoadBalancingPolicies.PowerOfTwoChoices, out ILoadBalancingPolicy? policy);
        return new DirectRoute(route, state, policy, pools);
    }

    /// <summary>Picks a destination as YARP does, among those that it holds for healthy.</summary>
    /// <returns><see langword="false"/> if there is none; YARP then says so.</returns>
    public bool TryPick(HttpContext context, [NotNullWhen(true)] out DirectDestination? destination)
    {
        IReadOnlyList<DestinationState> available = _cluster.DestinationsState.AvailableDestinations;
        DestinationState? picked = available.Count switch
        {
            0 => null,
            1 => available[0],
            _ => _balancing?.PickDestination(context, _cluster, available),
        };
        destination = picked is null ? null : Find(picked);
        return destination is not null;
    }

    /// <summary>What it takes to go straight to a destination; <see langword="null"/> if its address is none that can be gone to straight.</summary>
    public DirectDestination? Find(DestinationState state)
    {
        DestinationModel model = state.Model;
        foreach (DirectDestination known in _destinations)
        {
            if (known.State == state && known.Model == model)
            {
                return known;
            }
        }

        return Add(state, model);
    }

    /// <summary>Unset, it is HTTP/2 or lower, which is HTTP/1.1 without TLS, and either with it.</summary>
    private static bool SpeaksHttp1(ForwarderRequestConfig? request) =>
        request?.Version is not { } version
            ? request?.VersionPolicy is null or HttpVersionPolicy.RequestVersionOrLower
            : version == HttpVersion.Version11 && request.VersionPolicy is not HttpVersionPolicy.RequestVersionOrHigher;

    private DirectDestination? Add(DestinationState state, DestinationModel model)
    {
        if (!Uri.TryCreate(model.Config.Address, UriKind.Absolute, out Uri? address)
            || address.Scheme is not ("http" or "https")
            || address.UserInfo.Length > 0)
        {
            return null;
        }

        DirectDestination added = new(state, model, address, _pools.Get(ToEndpoint(address, model.Config.Host)));

        // Whoever adds another at the same time may be lost, and is then added again. Those whose address has changed go.
        _destinations = [.. _destinations.Where(other => other.State != state), added];
        return added;
    }

    private UpstreamEndpoint ToEndpoint(Uri address, string? host)
    {
        string? connectTimeout = _config.Metadata?.GetValueOrDefault(UpstreamClientFactory.ConnectTimeoutKey);
        return new UpstreamEndpoint(
            address.IdnHost,
            address.Port,
            address.Scheme == "https",
            host is null ? address.IdnHost : NameOf(host),
            _config.HttpClient?.SslProtocols ?? SslProtocols.None,
            _config.HttpClient?.DangerousAcceptAnyServerCertificate ?? false,
            _config.Metadata?.GetValueOrDefault(UpstreamClientFactory.CertificateAuthorityKey),
            connectTimeout is null ? DefaultConnectTimeout : TimeSpan.ParseExact(connectTimeout, "c", CultureInfo.InvariantCulture));
    }

    private static string NameOf(string host) => new HostString(host).Host.Trim('[', ']');
}
