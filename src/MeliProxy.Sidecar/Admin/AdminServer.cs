using MeliProxy.Sidecar.Admin.Console;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Hosting;
using MeliProxy.Sidecar.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeliProxy.Sidecar.Admin;

/// <summary>The listener that operators use, apart from the proxy's.</summary>
internal static class AdminServer
{
    public static WebApplication Create(ListenAddress address, AdminConfiguration configuration, AdminServices services, ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = BareServer.CreateBuilder(loggers);
        builder.Services.AddRouting();
        TelemetryOfOperators.KeepOut(builder.Services);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = AdminRequestBody.MaxLength;
            BareServer.Listen(kestrel, address, endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http1;
                if (configuration.Tls is { } tls)
                {
                    AdminCertificates.Use(endpoint, tls, configuration.ClientCertificateAuthority);
                }
            });
        });

        WebApplication app = builder.Build();
        app.Use(TelemetryOfOperators.KeepOutAsync);
        app.Use(AdminProblem.AnswerErrorsAsync);
        app.Use(PathGuard.CheckAsync);
        app.Use(new BrowserGuard(configuration).CheckAsync);
        if (configuration.Tokens.Count > 0)
        {
            app.Use(new BearerToken(configuration.Tokens).RequireAsync);
        }

        app.UseRouting();
        HealthEndpoints.Map(app, services.Status);
        new CommandEndpoints(services.Commands).Map(app);
        new KeyEndpoints(services.Limiter).Map(app);
        new ExplainEndpoint(services.Limiter).Map(app);
        new UpstreamEndpoint(services.Upstreams).Map(app);
        OpenApiEndpoint.Map(app);
        ConsoleEndpoints.Map(app);
        return app;
    }
}
