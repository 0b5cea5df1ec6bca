using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Yarp.ReverseProxy.Configuration;

// yarp-proxy HTTP-PORT HTTPS-PORT UPSTREAM CERTIFICATE KEY: YARP with one route for everything and nothing else, no limits and no log.
// The certificate is what it shows, and whom it trusts beside nobody else, as the upstream of the bench has the same.
X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(args[3], args[4]);
WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "yarp-proxy" });
builder.Services.AddRouting();
builder.Services.AddReverseProxy()
    .LoadFromMemory(
        [new RouteConfig { RouteId = "all", ClusterId = "upstream", Match = new RouteMatch { Path = "/{**rest}" } }],
        [
            new ClusterConfig
            {
                ClusterId = "upstream",
                Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = args[2] } },
            },
        ])
    .ConfigureHttpClient((_, handler) => handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { certificate },
        RevocationMode = X509RevocationMode.NoCheck,
    });
builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;
    kestrel.Listen(IPAddress.Loopback, int.Parse(args[0]), listen => listen.Protocols = HttpProtocols.Http1);
    kestrel.Listen(IPAddress.Loopback, int.Parse(args[1]), listen => listen.UseHttps(certificate));
});

await using WebApplication app = builder.Build();
app.UseRouting();
app.MapReverseProxy();
await app.RunAsync();
