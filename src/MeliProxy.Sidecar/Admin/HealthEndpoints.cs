using MeliProxy.Sidecar.Hosting;
using MeliProxy.Sidecar.Http;

namespace MeliProxy.Sidecar.Admin;

/// <summary>The probes of orchestrators.</summary>
internal static class HealthEndpoints
{
    private const string LivePath = "/healthz";
    private const string ReadyPath = "/readyz";

    public static bool IsProbe(PathString path) => path == LivePath || path == ReadyPath;

    public static void Map(WebApplication app, SidecarStatus status)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        app.MapMethods(LivePath, methods, context => WriteAsync(context, "alive\n"));
        app.MapMethods(ReadyPath, methods, context => status.IsReady
            ? WriteAsync(context, "ready\n")
            : Problem.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Not ready", "The proxy is starting or stopping."));
    }

    private static Task WriteAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text);
    }
}
