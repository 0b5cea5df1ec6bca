using MeliProxy.RateLimiting;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeliProxy.Sidecar.Admin;

/// <summary>The listener that operators use, apart from the proxy's.</summary>
internal static class AdminServer
{
    public static WebApplication Create(
        ListenAddress address,
        string? token,
        QuotaLimiter<HttpContext> limiter,
        SidecarStatus status,
        string? domain,
        Func<CancellationToken, Task<IReadOnlyList<byte[]>>> gatherNodes,
        ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = BareServer.CreateBuilder(loggers);
        builder.Services.AddRouting();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            BareServer.Listen(kestrel, address, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        });

        WebApplication app = builder.Build();
        app.Use(AdminProblem.AnswerErrorsAsync);
        if (token is not null)
        {
            app.Use(new BearerToken(token).RequireAsync);
        }

        app.UseRouting();
        HealthEndpoints.Map(app, status);
        RulesEndpoint.Map(app, limiter);
        NodesEndpoint.Map(app, domain, gatherNodes);
        return app;
    }
}
