using MeliProxy.Sidecar.Usage;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Sends the requests that need nothing more straight to their destination, and leaves the others to YARP.</summary>
/// <remarks>
/// <code>
/// request ─▶ BeforeRouting: one direct route, and a plain request? ──yes──▶ DirectExchange ─▶ upstream
///                 │ no                                                           ▲
///                 ▼                                                              │ yes
///            routing ─▶ YARP: session affinity, load balancing, health ─▶ InPipeline: direct route, and a plain request?
///                                                                                │ no
///                                                                                ▼
///                                                                          YARP's forwarder ─▶ upstream
/// </code>
/// </remarks>
internal sealed class DirectForwarding(DirectRoutes routes, DirectExchange exchange, UpstreamProblem problem, ForwardingCounts counts)
{
    private static readonly Func<HttpContext, DirectFailure, Task> TellYarp = Tell;
    private readonly Func<HttpContext, DirectFailure, Task> _report = problem.ReportAsync;

    /// <summary>For the requests that need no routing.</summary>
    public Task BeforeRouting(HttpContext context, RequestDelegate next)
    {
        if (routes.Sole is { } route
            && PlainTarget(context) is { } target
            && IsPlain(context.Request)
            && route.TryPick(context, out DirectDestination? destination))
        {
            counts.Direct.Increment();
            return exchange.RunAsync(context, target, route, destination, _report);
        }

        return next(context);
    }

    /// <summary>For the requests that YARP has found a route and a destination for.</summary>
    public Task InPipeline(HttpContext context, RequestDelegate next)
    {
        IReverseProxyFeature proxy = context.GetReverseProxyFeature();
        if (proxy.AvailableDestinations is { Count: 1 } destinations
            && routes.Find(proxy.Route) is { } route
            && PlainTarget(context) is { } target
            && IsPlain(context.Request)
            && route.Find(destinations[0]) is { } destination)
        {
            counts.Direct.Increment();
            proxy.ProxiedDestination = destinations[0];
            return exchange.RunAsync(context, target, route, destination, TellYarp);
        }

        counts.ByYarp.Increment();
        context.Features.Get<TrafficExchange>()?.WatchRequest();
        return next(context);
    }

    private static string? PlainTarget(HttpContext context) =>
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget is { } target && RequestTarget.CanHandOn(target) ? target : null;

    /// <summary>Whether a request asks nothing that only YARP does: upgrades, gRPC, waiting for 100, fields that are of one connection.</summary>
    private static bool IsPlain(HttpRequest request)
    {
        IHeaderDictionary headers = request.Headers;
        return headers.Upgrade.Count == 0
            && headers.Expect.Count == 0
            && (headers.TE.Count == 0 || !HttpProtocol.IsHttp2(request.Protocol))
            && IsPlainConnection(headers.Connection)
            && !HttpMethods.IsConnect(request.Method);
    }

    private static bool IsPlainConnection(Microsoft.Extensions.Primitives.StringValues connection) =>
        connection.Count == 0
        || (connection.Count == 1
            && (string.Equals(connection[0], "keep-alive", StringComparison.OrdinalIgnoreCase)
                || string.Equals(connection[0], "close", StringComparison.OrdinalIgnoreCase)));

    /// <summary>Those who ask YARP how it went, such as passive health checks, are told.</summary>
    private static Task Tell(HttpContext context, DirectFailure failure)
    {
        context.Features.Set<IForwarderErrorFeature>(failure);
        return Task.CompletedTask;
    }
}
