using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>By what traffic is told apart: the route and the class of the status, such as <c>2xx</c>.</summary>
internal static class TrafficTags
{
    private static readonly string[] Classes = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

    public static KeyValuePair<string, object?>[] Of(RouteUsage usage) => [new("route", usage.Route), new("class", Classes[usage.StatusClass])];
}
