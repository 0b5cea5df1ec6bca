using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Forwarding;
using MeliProxy.Sidecar.Forwarding.Direct;
using MeliProxy.Sidecar.Telemetry;
using MeliProxy.Sidecar.Transport;
using MeliProxy.Sidecar.Usage;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms.Builder;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>The listener that clients use: quota first, then forwarding.</summary>
internal static class ProxyServer
{
    public static WebApplication Create(
        SidecarConfiguration configuration,
        QuotaLimiter<HttpContext> limiter,
        ClientAddressResolver clients,
        ReverseProxySection reverseProxy,
        ILoggerFactory loggers,
        TimeProvider time,
        TrafficRecorder? traffic = null)
    {
        WebApplicationBuilder builder = BareServer.CreateBuilder(loggers);
        builder.Services.AddSingleton(limiter);
        builder.Services.AddSingleton(clients);
        builder.Services.AddSingleton(configuration.Telemetry);
        builder.Services.AddSingleton<DistributedContextPropagator>(TraceContextPropagator.Instance);
        builder.Services.AddSingleton(time);
        builder.Services.AddRouting();
        builder.Services.AddRequestTimeouts();
        builder.Services.AddSingleton<IForwarderHttpClientFactory, UpstreamClientFactory>();
        builder.Services.AddSingleton<ITransformProvider, UpstreamTransforms>();
        builder.Services.AddSingleton<IConnectionListenerFactory, SilentListenerFactory>();
        builder.Services.AddSingleton<UpstreamProblem>();
        builder.Services.AddDirectForwarding(reverseProxy);
        builder.Services.AddReverseProxy().LoadFromConfig(new ConfigurationBuilder().Add(reverseProxy).Build());
        KeepNoKeys(builder.Services);
        if (OperatingSystem.IsLinux())
        {
            builder.Services.AddSingleton<IConnectionListenerFactory, LoopTransport>();
        }
        else
        {
            builder.WebHost.UseSockets(InlineScheduling.Configure);
        }

        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => ConfigureKestrel(kestrel, configuration));

        WebApplication app = builder.Build();
        if (traffic is not null)
        {
            app.Use(new TrafficMiddleware(traffic, time).InvokeAsync);
        }

        if (configuration.Telemetry.Traces)
        {
            app.Use(RequestSpan.DescribeAsync);
        }

        app.UseQuotaLimiter();
        DirectForwarding direct = app.Services.GetRequiredService<DirectForwarding>();
        app.Use(direct.BeforeRouting);
        app.UseRouting();

        // For the routes with a Timeout or a policy. Said here, as it would otherwise be put before everything else, and cost every request.
        app.UseRequestTimeouts();
        app.Use(app.Services.GetRequiredService<UpstreamProblem>().InvokeAsync);
        app.UseAuthorization();
        app.MapReverseProxy(pipeline =>
        {
            pipeline.UseSessionAffinity();
            pipeline.UseLoadBalancing();
            pipeline.UsePassiveHealthChecks();
            pipeline.Use(direct.InPipeline);
        });
        return app;
    }

    /// <summary>
    /// Keeps YARP's cookies for session affinity under a key that ends with the process, rather than under files in the user's home.
    /// </summary>
    private static void KeepNoKeys(IServiceCollection services)
    {
        services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();

        // Registered with data protection, it would read or make such files at the start, used or not.
        ServiceDescriptor keyLoader = services.Single(service =>
            service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Assembly == typeof(EphemeralDataProtectionProvider).Assembly);
        services.Remove(keyLoader);
    }

    private static void ConfigureKestrel(KestrelServerOptions kestrel, SidecarConfiguration configuration)
    {
        // The answer's headers are the upstream's, and what is too large or too slow is for the upstream to say.
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;

        // Header bytes that are not ASCII pass as they are, in both directions.
        kestrel.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;

        Http2PriorKnowledge priorKnowledge = new(kestrel.Limits.KeepAliveTimeout);
        if (configuration.Listen.Any(listen => !listen.IsHttps))
        {
            priorKnowledge.AddHttp2Endpoint(kestrel);
        }

        X509Certificate2? certificate = configuration.Tls?.LoadCertificate();
        X509Certificate2Collection? chain = configuration.Tls?.LoadChain();
        foreach (ListenAddress address in configuration.Listen)
        {
            BareServer.Listen(kestrel, address, listen =>
            {
                if (address.IsHttps)
                {
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificate;
                        https.ServerCertificateChain = chain;
                    });
                }
                else
                {
                    priorKnowledge.Detect(listen);
                }
            });
        }
    }
}
