using MeliProxy.RateLimiting;
using MeliProxy.Sidecar.Control;
using MeliProxy.Sidecar.Hosting;
using Yarp.ReverseProxy;

namespace MeliProxy.Sidecar.Admin;

/// <summary>What the admin listener tells of and changes.</summary>
internal sealed record AdminServices(
    SidecarCommands Commands, QuotaLimiter<HttpContext> Limiter, SidecarStatus Status, IProxyStateLookup Upstreams);
