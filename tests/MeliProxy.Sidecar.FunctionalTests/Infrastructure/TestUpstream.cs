using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>A real Kestrel server on a free loopback port, which does what the test says.</summary>
public sealed class TestUpstream : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestUpstream(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static Task<TestUpstream> StartAsync(
        RequestDelegate handler,
        HttpProtocols protocols = HttpProtocols.Http1,
        X509Certificate2? certificate = null,
        int port = 0) => StartAsync(app => app.Run(handler), _ => { }, protocols, certificate, port);

    public static async Task<TestUpstream> StartAsync(
        Action<WebApplication> configure,
        Action<IServiceCollection> configureServices,
        HttpProtocols protocols,
        X509Certificate2? certificate = null,
        int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.Services.AddRouting();
        configureServices(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, port, listen =>
            {
                listen.Protocols = protocols;
                if (certificate is not null)
                {
                    listen.UseHttps(certificate);
                }
            });
        });
        WebApplication app = builder.Build();
        configure(app);
        await app.StartAsync();
        return new TestUpstream(app);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
