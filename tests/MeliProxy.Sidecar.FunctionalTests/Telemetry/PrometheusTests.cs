using System.Net;
using System.Net.Http.Headers;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using MeliProxy.Sidecar.FunctionalTests.Telemetry.Collecting;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests.Telemetry;

/// <summary>What the published binary tells Prometheus.</summary>
public sealed class PrometheusTests(PublishedBinary binary)
{
    private const string Token = "s3cret";
    private const string Promtool = "/usr/bin/promtool";

    /// <summary>These names are the runtime's, which counts processors and timers.</summary>
    private static readonly string[] KnownComplaints =
    [
        """dotnet_process_cpu_count non-histogram and non-summary metrics should not have "_count" suffix""",
        """dotnet_timer_count non-histogram and non-summary metrics should not have "_count" suffix""",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prometheus_has_every_request_that_was_decided()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, "{}");
        await using PrometheusServer prometheus = await PrometheusServer.StartAsync(sidecar.AdminAddress, Token);

        for (int i = 0; i < 25; i++)
        {
            using HttpResponseMessage response = await sidecar.Client.GetAsync("/items", Stop);
            Assert.Equal(i < 20 ? HttpStatusCode.OK : HttpStatusCode.TooManyRequests, response.StatusCode);
        }

        await Eventually.TrueAsync(async () => await prometheus.QueryAsync("meliproxy_rate_limiting_decisions_total", Stop) == 25);
        await Eventually.TrueAsync(async () => await prometheus.QueryAsync("meliproxy_http_duration_seconds_count", Stop) == 25);
        Assert.Equal(20, await prometheus.QueryAsync("meliproxy_http_upstream_duration_seconds_count", Stop));
        Assert.Equal(20, await prometheus.QueryAsync("meliproxy_http_requests_total{route=\"upstream\",class=\"2xx\"}", Stop));
        Assert.Equal(5, await prometheus.QueryAsync("meliproxy_http_requests_total{route=\"none\",class=\"4xx\"}", Stop));
        Assert.Equal(100, await prometheus.QueryAsync("meliproxy_http_sent_bytes_total{route=\"upstream\"}", Stop));
        await Eventually.TrueAsync(async () => await prometheus.QueryAsync("meliproxy_http_in_flight", Stop) == 0);
        Assert.Equal(1, await prometheus.QueryAsync("up", Stop));
        Assert.Equal(20, await prometheus.QueryAsync("meliproxy_rate_limiting_decisions_total{rule=\"day\",outcome=\"allowed\"}", Stop));
        Assert.Equal(5, await prometheus.QueryAsync("meliproxy_rate_limiting_decisions_total{rule=\"day\",outcome=\"limited\"}", Stop));
        Assert.Equal(1, await prometheus.QueryAsync("meliproxy_rate_limiting_keys", Stop));
        Assert.Equal(20, await prometheus.QueryAsync("meliproxy_forwarding_requests_total{way=\"direct\"}", Stop));
        Assert.Equal(0, await prometheus.QueryAsync("meliproxy_upstream_faults_total{reason=\"closed_in_body\"}", Stop));
        Assert.Equal(1, await prometheus.QueryAsync("meliproxy_rules_revision", Stop));
        Assert.Equal(1, await prometheus.QueryAsync("target_info{service_name=\"meliproxy\",service_instance_id=\"node-1\"}", Stop));
        Assert.True(await prometheus.QueryAsync("dotnet_process_memory_working_set_bytes", Stop) > 0);
        Assert.True(await prometheus.QueryAsync("kestrel_active_connections", Stop) > 0);
    }

    [Fact]
    public async Task Promtool_has_nothing_against_the_projects_own_names()
    {
        Assert.SkipUnless(File.Exists(Promtool), $"{Promtool} is not installed (Debian package prometheus).");
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, """{ "httpMetrics": true }""");
        await sidecar.Client.GetStringAsync("/items/SECRET-KEY?q=SECRET-QUERY", Stop);

        using HttpResponseMessage response = await ScrapeAsync(sidecar);
        string text = await response.Content.ReadAsStringAsync(Stop);
        string file = folder.Write("metrics.txt", text);
        FinishedProcess promtool = await FinishedProcess.RunAsync("/bin/sh", ["-c", $"{Promtool} check metrics < {file}"]);

        Assert.Empty((promtool.Output + promtool.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries).Except(KnownComplaints));
        Assert.DoesNotContain("SECRET", text, StringComparison.Ordinal);
        Assert.Contains("http_server_request_duration_seconds_count{", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_for_those_who_have_the_token_and_come_in_the_format_that_was_asked_for()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, "{}");

        using HttpResponseMessage anonymous = await sidecar.Client.GetAsync(new Uri(sidecar.AdminAddress, "/metrics"), Stop);
        using HttpResponseMessage text = await ScrapeAsync(sidecar);
        using HttpResponseMessage open = await ScrapeAsync(sidecar, "application/openmetrics-text; version=1.0.0");
        using HttpResponseMessage posted = await ScrapeAsync(sidecar, method: HttpMethod.Post);

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", text.Content.Headers.ContentType!.ToString());
        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores", open.Content.Headers.ContentType!.ToString());
        Assert.EndsWith("# EOF\n", await open.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
    }

    [Fact]
    public async Task Switched_off_there_are_no_metrics()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, """{ "prometheus": false }""");

        using HttpResponseMessage response = await ScrapeAsync(sidecar);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    private async Task<SidecarProcess> StartAsync(TemporaryFolder folder, TestUpstream upstream, string telemetry)
    {
        string file = folder.Write(
            "meliproxy.json",
            $$"""
            { "upstream": "{{upstream.Address}}", "admin": { "token": "{{Token}}" }, "sharing": { "node": "node-1" },
              "rules": [ { "name": "day", "key": ["path"], "limit": 20, "window": "1d", "algorithm": "fixed-window" } ],
              "telemetry": {{telemetry}} }
            """);
        return await SidecarProcess.StartInAsync(binary, folder.Path, "--config", file);
    }

    private static Task<HttpResponseMessage> ScrapeAsync(SidecarProcess sidecar, string? accept = null, HttpMethod? method = null)
    {
        HttpRequestMessage request = new(method ?? HttpMethod.Get, new Uri(sidecar.AdminAddress, "/metrics"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return sidecar.Client.SendAsync(request, Stop);
    }
}
