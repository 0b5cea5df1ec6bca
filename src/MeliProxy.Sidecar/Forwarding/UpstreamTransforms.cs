using System.Net;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.Sidecar.Usage;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>
/// What is changed in a request on its way to <c>upstream</c>. Routes of a <c>ReverseProxy</c> section keep YARP's own ways, but that escapes
/// in paths are kept where the route says nothing of transforms.
/// </summary>
internal sealed class UpstreamTransforms : ITransformProvider
{
    private readonly ClientAddressResolver _clients;
    private readonly TimeProvider _time;

    public UpstreamTransforms(ClientAddressResolver clients, TimeProvider time)
    {
        _clients = clients;
        _time = time;
    }

    public void Apply(TransformBuilderContext context)
    {
        context.RequestTransforms.Insert(0, new ConnectionListedTransform());
        context.AddResponseTransform(ConnectionListedTransform.ApplyAsync);
        context.AddResponseTransform(EndUpstreamTime);
        context.AddResponseTransform(DropLengthOfNoContent);
        if (context.Route.Transforms is null or { Count: 0 })
        {
            context.RequestTransforms.Add(new EscapedPathTransform());
        }

        if (context.Route.ClusterId == ReverseProxySection.UpstreamCluster)
        {
            // Set as YARP does, but what a trusted proxy has said before is kept and added to.
            context.UseDefaultForwarders = false;
            context.RequestTransforms.Add(new TrustedForwardingTransform(_clients));
            context.AddRequestTransform(UseHttp2ForGrpc);
        }

        context.AddRequestTransform(BeginUpstreamTime);
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    private ValueTask BeginUpstreamTime(RequestTransformContext context)
    {
        context.HttpContext.Features.Get<TrafficExchange>()?.Forward(_time);
        return ValueTask.CompletedTask;
    }

    /// <summary>YARP also comes here without a response, if there was none.</summary>
    private ValueTask EndUpstreamTime(ResponseTransformContext context)
    {
        if (context.ProxyResponse is not null)
        {
            context.HttpContext.Features.Get<TrafficExchange>()?.Answer(_time);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Some servers send a length with 204, which HTTP forbids (RFC 9110, section 8.6) and the server here refuses to send.</summary>
    private static ValueTask DropLengthOfNoContent(ResponseTransformContext context)
    {
        if (context.HttpContext.Response.StatusCode == StatusCodes.Status204NoContent)
        {
            context.HttpContext.Response.ContentLength = null;
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>gRPC cannot do without HTTP/2, and over http there is no negotiation that could find out.</summary>
    private static ValueTask UseHttp2ForGrpc(RequestTransformContext context)
    {
        if (context.HttpContext.Request is { Protocol: "HTTP/2", ContentType: { } type }
            && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
        {
            context.ProxyRequest.Version = HttpVersion.Version20;
            context.ProxyRequest.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        }

        return ValueTask.CompletedTask;
    }
}
