using System.Net;
using MeliProxy.Sidecar.Configuration;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>A web application with Kestrel and nothing else: no configuration files, no environment, no signals of its own.</summary>
internal static class BareServer
{
    public static WebApplicationBuilder CreateBuilder(ILoggerFactory loggers)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "meliproxy" });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        return builder;
    }

    public static void Listen(KestrelServerOptions kestrel, ListenAddress address, Action<ListenOptions> configure)
    {
        switch (address.Host)
        {
            case "localhost":
                kestrel.ListenLocalhost(address.Port, configure);
                break;
            case "*":
                kestrel.ListenAnyIP(address.Port, configure);
                break;
            default:
                kestrel.Listen(IPAddress.Parse(address.Host), address.Port, configure);
                break;
        }
    }

    /// <summary>Where the application listens, with the ports that were chosen where 0 was asked for.</summary>
    public static IReadOnlyList<string> Addresses(WebApplication app) =>
        [.. app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .Where(address => !address.EndsWith(PriorKnowledgeEndPoint.Name, StringComparison.Ordinal))];

    /// <summary>Leaves signals to the process, which has several servers to stop.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
