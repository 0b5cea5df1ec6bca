using System.Net;
using MeliProxy.Sidecar.Hosting;

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

    /// <summary>Starts listening.</summary>
    public static async Task<StandInApi> StartAsync(
        StandInOptions options, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = BareServer.CreateBuilder(loggerFactory);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0);
        });

        WebApplication app = builder.Build();
        try
        {
            app.Run(new StandInHandler(options).HandleAsync);
            await app.StartAsync(cancellationToken);
            return new StandInApi(app, new Uri(BareServer.Addresses(app).Single()));
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
