using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Demo;

/// <summary>
/// A stand-in for the Mercado Libre API on a free loopback port: the documented resources, shapes and headers, with
/// data that is made up from the ids asked for, so that the same id always gives the same answer.
/// </summary>
internal sealed class StandInApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StandInApi(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
    }

    /// <summary>Where it listens, e.g. <c>http://127.0.0.1:41234/</c>.</summary>
    public Uri Address { get; }

    /// <summary>Starts listening; only warnings and worse reach <paramref name="loggerFactory"/>.</summary>
    public static async Task<StandInApi> StartAsync(
        StandInOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        // The empty builder reads no settings, so nothing meant for the sidecar itself (ASPNETCORE_URLS, say) applies here.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new WarningsLoggerFactory(loggerFactory));
        builder.Services.AddSingleton<IHostLifetime, StandInLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });

        WebApplication app = builder.Build();
        try
        {
            app.Run(new StandInHandler(options).HandleAsync);
            await app.StartAsync(cancellationToken);
            IFeatureCollection features = app.Services.GetRequiredService<IServer>().Features;
            return new StandInApi(app, new Uri(features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()));
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops listening and ends open connections.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
