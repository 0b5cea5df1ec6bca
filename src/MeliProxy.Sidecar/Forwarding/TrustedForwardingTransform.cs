using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using Yarp.ReverseProxy.Transforms;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>
/// Tells the upstream whom the request comes from in <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c>. What a client claims itself,
/// there or in <c>Forwarded</c>, is replaced; what a trusted proxy says is kept, and the proxy's own address added. Of the two headers that name the client, only the one
/// that quotas go by is kept.
/// </summary>
internal sealed class TrustedForwardingTransform : RequestTransform
{
    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";
    private const string Host = "X-Forwarded-Host";

    private readonly ClientAddressResolver _clients;
    private readonly RequestHeaderXForwardedForTransform _setFor = new(For, ForwardedTransformActions.Set);
    private readonly RequestHeaderXForwardedForTransform _appendFor = new(For, ForwardedTransformActions.Append);
    private readonly RequestHeaderXForwardedProtoTransform _setProto = new(Proto, ForwardedTransformActions.Set);
    private readonly RequestHeaderXForwardedHostTransform _setHost = new(Host, ForwardedTransformActions.Set);

    public TrustedForwardingTransform(ClientAddressResolver clients) => _clients = clients;

    public override async ValueTask ApplyAsync(RequestTransformContext context)
    {
        ForwardedHeader? believed = _clients.BelievedHeader(context.HttpContext);
        bool trusted = believed is not null;
        await (believed == ForwardedHeader.XForwardedFor ? _appendFor : _setFor).ApplyAsync(context);
        if (believed != ForwardedHeader.Forwarded)
        {
            RemoveHeader(context, "Forwarded");
        }

        if (!trusted || !context.HttpContext.Request.Headers.ContainsKey(Proto))
        {
            await _setProto.ApplyAsync(context);
        }

        if (!trusted || !context.HttpContext.Request.Headers.ContainsKey(Host))
        {
            await _setHost.ApplyAsync(context);
        }
    }
}
