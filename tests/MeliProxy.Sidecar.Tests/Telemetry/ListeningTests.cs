using System.Diagnostics;
using System.Diagnostics.Metrics;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Tests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.Sidecar.Tests.Telemetry;

/// <summary>Whether anything in the process listens, which no other test here may make something do.</summary>
public sealed class ListeningTests
{
    [Theory]
    [InlineData("""{ "prometheus": false }""", false, false, false)]
    [InlineData("{}", true, false, false)]
    [InlineData("""{ "httpMetrics": true }""", true, true, false)]
    [InlineData("""{ "prometheus": false, "otlp": "http://127.0.0.1:9" }""", true, false, false)]
    [InlineData("""{ "prometheus": false, "otlp": "http://127.0.0.1:9", "traces": { "sample": 0.01 } }""", true, false, true)]
    public async Task Nothing_listens_but_for_what_is_switched_on(string telemetry, bool limiter, bool requests, bool traces)
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            $$"""
            { "listen": "http://127.0.0.1:0", "admin": { "listen": "http://127.0.0.1:0" }, "upstream": "http://127.0.0.1:9",
              "rulesFile": null, "state": null, "usage": { "store": null }, "telemetry": {{telemetry}} }
            """);
        await using Sidecar.Hosting.Sidecar sidecar = await Sidecar.Hosting.Sidecar.StartAsync(
            configuration, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(limiter, IsListenedTo("MeliProxy.RateLimiting", "any"));
        Assert.Equal(limiter, IsListenedTo("Microsoft.AspNetCore.Server.Kestrel", "kestrel.active_connections"));
        Assert.Equal(requests, IsListenedTo("Microsoft.AspNetCore.Hosting", "http.server.request.duration"));
        Assert.Equal(requests, IsListenedTo("System.Net.Http", "http.client.request.duration"));
        Assert.False(IsListenedTo("Microsoft.AspNetCore.Routing", "aspnetcore.routing.match_attempts"));
        Assert.Equal(traces, IsTraced("Microsoft.AspNetCore"));
        Assert.Equal(traces, IsTraced("System.Net.Http"));
        Assert.False(IsTraced("MeliProxy.Sidecar.Admin"));
    }

    private static bool IsListenedTo(string meterName, string instrument)
    {
        using Meter meter = new(meterName);
        return meter.CreateCounter<long>(instrument).Enabled;
    }

    private static bool IsTraced(string name)
    {
        using ActivitySource source = new(name);
        return source.HasListeners();
    }
}
