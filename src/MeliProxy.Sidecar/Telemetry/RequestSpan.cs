using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>
/// Describes a request that is recorded by the attributes of OpenTelemetry's semantic conventions for HTTP servers. Queries and headers are left
/// out, as they may hold what is secret.
/// </summary>
internal static class RequestSpan
{
    private const int MaxTextLength = 256;

    public static Task DescribeAsync(HttpContext context, RequestDelegate next) =>
        context.Features.Get<IHttpActivityFeature>()?.Activity is { IsAllDataRequested: true } span
            ? DescribeAsync(context, span, next)
            : next(context);

    private static async Task DescribeAsync(HttpContext context, Activity span, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        string method = KnownMethod(request.Method);
        if (method != request.Method)
        {
            span.SetTag("http.request.method_original", Shorten(request.Method));
        }

        span.SetTag("http.request.method", method)
            .SetTag("url.scheme", request.Scheme)
            .SetTag("url.path", Shorten(request.Path.Value ?? "/"))
            .SetTag("server.address", Shorten(request.Host.Host))
            .SetTag("network.protocol.version", VersionOf(request.Protocol));
        if (request.Host.Port is { } port)
        {
            span.SetTag("server.port", port);
        }

        try
        {
            await next(context);
        }
        finally
        {
            DescribeOutcome(context, span, method == "_OTHER" ? "HTTP" : method);
        }
    }

    private static void DescribeOutcome(HttpContext context, Activity span, string method)
    {
        span.DisplayName = method;
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } pattern })
        {
            span.DisplayName = $"{method} {pattern}";
            span.SetTag("http.route", pattern);
        }

        if (context.Features.Get<IReverseProxyFeature>() is { } proxied)
        {
            span.SetTag("meliproxy.route", proxied.Route.Config.RouteId);
        }

        int status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>A client may send any method, and one that nobody knows is not to become a name.</summary>
    private static string KnownMethod(string method) => method switch
    {
        "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH" or "QUERY" => method,
        _ => "_OTHER",
    };

    private static string VersionOf(string protocol) =>
        HttpProtocol.IsHttp2(protocol) ? "2" : HttpProtocol.IsHttp3(protocol) ? "3" : HttpProtocol.IsHttp10(protocol) ? "1.0" : "1.1";

    private static string Shorten(string text) => text.Length <= MaxTextLength ? text : text[..MaxTextLength];
}
