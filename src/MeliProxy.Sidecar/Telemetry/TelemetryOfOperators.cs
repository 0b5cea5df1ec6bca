using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Keeps what operators and their probes ask out of the figures and traces of the traffic.</summary>
internal static class TelemetryOfOperators
{
    /// <summary>Gives the server a source of spans that nobody listens to.</summary>
    public static void KeepOut(IServiceCollection services) => services.AddSingleton(_ => new ActivitySource("MeliProxy.Sidecar.Admin"));

    public static Task KeepOutAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }

        return next(context);
    }
}
