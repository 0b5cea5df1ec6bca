using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.Sidecar.Forwarding.Direct;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Tests.Forwarding.Direct;

/// <summary>A route that goes straight to an upstream which the test plays.</summary>
internal sealed class DirectWay : IDisposable
{
    private readonly DirectExchange _exchange;

    public DirectWay(Func<Task<Stream>> connect)
    {
        Pools = new UpstreamPools(Counts, Time, _ => connect());
        ClusterConfig cluster = new() { ClusterId = "upstream", HttpRequest = new ForwarderRequestConfig { ActivityTimeout = TimeSpan.FromSeconds(5) } };
        DestinationConfig destination = new() { Address = "http://up:81/base/" };
        ClusterState state = new("upstream", new ClusterModel(cluster, new HttpMessageInvoker(new SocketsHttpHandler())));
        RouteConfig route = new() { RouteId = "r", ClusterId = "upstream", Match = new RouteMatch { Path = "{**path}" } };
        Route = DirectRoute.TryCreate(
            new RouteModel(route, state, HttpTransformer.Empty), new Dictionary<string, ILoadBalancingPolicy>(), Pools)!;
        Destination = Route.Find(new DestinationState("d", new DestinationModel(destination)))!;
        _exchange = new DirectExchange(new RequestHead(new ClientAddressResolver(new ClientIpOptions())), TimeProvider.System, Counts);
    }

    public FakeTimeProvider Time { get; } = new();

    public ForwardingCounts Counts { get; } = new();

    public UpstreamPools Pools { get; }

    public DirectDestination Destination { get; }

    public DirectRoute Route { get; }

    /// <summary>What the last request that failed came to.</summary>
    public DirectFailure? Failure { get; private set; }

    /// <summary>A request without a body.</summary>
    public static DefaultHttpContext Request(string method = "GET")
    {
        DefaultHttpContext context = new();
        context.Features.Set<IHttpRequestBodyDetectionFeature>(new NoBody());
        context.Request.Method = method;
        context.Request.Protocol = "HTTP/1.1";
        context.Request.Scheme = "http";
        context.Request.Headers.Host = "front";
        context.Response.Body = new MemoryStream();
        return context;
    }

    public Task SendAsync(HttpContext context, string target = "/a?b") => _exchange.RunAsync(context, target, Route, Destination, Report);

    public void Dispose() => Pools.Dispose();

    private Task Report(HttpContext context, DirectFailure failure)
    {
        Failure = failure;
        return Task.CompletedTask;
    }

    private sealed class NoBody : IHttpRequestBodyDetectionFeature
    {
        public bool CanHaveBody => false;
    }
}
