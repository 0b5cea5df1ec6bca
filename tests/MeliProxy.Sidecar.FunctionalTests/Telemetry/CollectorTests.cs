using System.Net;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using MeliProxy.Sidecar.FunctionalTests.Telemetry.Collecting;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests.Telemetry;

/// <summary>What the published binary sends to an OpenTelemetry collector.</summary>
public sealed class CollectorTests(PublishedBinary binary)
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string ParentId = "b7ad6b7169203331";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_trace_of_a_client_goes_on_through_the_proxy(bool grpc)
    {
        HeaderDictionary? received = null;
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            received = new HeaderDictionary(context.Request.Headers.ToDictionary());
            return context.Response.WriteAsync("hello");
        });
        await using TestCollector collector = await TestCollector.StartAsync(grpc);
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(
            folder, upstream, $$""" "otlp": "{{collector.Url}}", "otlpProtocol": "{{(grpc ? "grpc" : "http/protobuf")}}", "traces": { "sample": 0.000001 } """);

        using HttpRequestMessage request = new(HttpMethod.Get, "/items/MLA1?access_token=SECRET");
        request.Headers.Add("traceparent", $"00-{TraceId}-{ParentId}-01");
        request.Headers.Add("tracestate", "vendor=1,other=2");
        request.Headers.Add("baggage", "user=a%20b;p=1,x");
        using HttpResponseMessage response = await sidecar.Client.SendAsync(request, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(0, await sidecar.StopAsync());

        CollectedSpan server = Assert.Single(collector.Spans, span => span.Kind == SpanKind.Server);
        CollectedSpan client = Assert.Single(collector.Spans, span => span.Kind == SpanKind.Client);
        Assert.Equal(2, collector.Spans.Count);
        Assert.Equal((TraceId, ParentId), (server.TraceId, server.ParentId));
        Assert.Equal((TraceId, server.SpanId), (client.TraceId, client.ParentId));
        Assert.Equal($"00-{TraceId}-{client.SpanId}-01", received!["traceparent"]);
        Assert.Equal("vendor=1,other=2", received["tracestate"]);
        Assert.Equal("user=a%20b;p=1,x", received["baggage"]);

        Assert.Equal("GET {**path}", server.Name);
        Assert.False(server.IsError);
        Assert.Equal("GET", server.Attributes["http.request.method"]);
        Assert.Equal("http", server.Attributes["url.scheme"]);
        Assert.Equal("/items/MLA1", server.Attributes["url.path"]);
        Assert.Equal("127.0.0.1", server.Attributes["server.address"]);
        Assert.Equal((long)sidecar.Client.BaseAddress!.Port, server.Attributes["server.port"]);
        Assert.Equal("{**path}", server.Attributes["http.route"]);
        Assert.Equal("upstream", server.Attributes["meliproxy.route"]);
        Assert.Equal(200L, server.Attributes["http.response.status_code"]);
        Assert.Equal((long)upstream.Address.Port, client.Attributes["server.port"]);
        Assert.DoesNotContain(
            collector.Spans.SelectMany(span => span.Attributes.Values), value => value.ToString()!.Contains("SECRET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_trace_that_its_client_does_not_record_goes_on_unrecorded()
    {
        string? received = null;
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            received = context.Request.Headers["traceparent"];
            return context.Response.WriteAsync("hello");
        });
        await using TestCollector collector = await TestCollector.StartAsync();
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, $$""" "otlp": "{{collector.Url}}", "traces": { "sample": 1 } """);

        await GetAsync(sidecar, "/", $"00-{TraceId}-{ParentId}-00");
        Assert.Equal(0, await sidecar.StopAsync());

        Assert.Empty(collector.Spans);
        Assert.StartsWith($"00-{TraceId}-", received, StringComparison.Ordinal);
        Assert.EndsWith("-00", received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_without_a_trace_begins_one_and_nothing_else_does()
    {
        string? received = null;
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            received = context.Request.Headers["traceparent"];
            return context.Response.WriteAsync("hello");
        });
        await using TestCollector collector = await TestCollector.StartAsync();
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, $$""" "otlp": "{{collector.Url}}", "traces": { "sample": 1 } """);

        await GetAsync(sidecar, "/");
        await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/metrics"), Stop);
        await sidecar.Client.GetStringAsync(new Uri(sidecar.AdminAddress, "/api/v1/rules"), Stop);
        Assert.Equal(0, await sidecar.StopAsync());

        CollectedSpan server = Assert.Single(collector.Spans, span => span.ParentId.Length == 0);
        CollectedSpan client = Assert.Single(collector.Spans, span => span.ParentId.Length > 0);
        Assert.Equal((server.TraceId, server.SpanId), (client.TraceId, client.ParentId));
        Assert.Equal($"00-{client.TraceId}-{client.SpanId}-01", received);
    }

    [Fact]
    public async Task The_span_of_a_rejected_request_names_the_rule()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using TestCollector collector = await TestCollector.StartAsync();
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, $$""" "otlp": "{{collector.Url}}", "traces": { "sample": 1 } """);

        await GetAsync(sidecar, "/none-of-it");
        Assert.Equal(0, await sidecar.StopAsync());

        CollectedSpan server = Assert.Single(collector.Spans);
        Assert.Equal("none", server.Attributes["meliproxy.rate_limiting.rule"]);
        Assert.Equal("limited", server.Attributes["meliproxy.rate_limiting.outcome"]);
        Assert.Equal(429L, server.Attributes["http.response.status_code"]);
        Assert.Equal("GET", server.Name);
        Assert.False(server.IsError);
    }

    [Fact]
    public async Task An_upstream_that_fails_is_an_error_of_the_span()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using TestCollector collector = await TestCollector.StartAsync();
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, $$""" "otlp": "{{collector.Url}}", "traces": { "sample": 1 } """);

        await upstream.DisposeAsync();
        await GetAsync(sidecar, "/");
        Assert.Equal(0, await sidecar.StopAsync());

        CollectedSpan server = Assert.Single(collector.Spans, span => span.Kind == SpanKind.Server);
        Assert.True(server.IsError);
        Assert.Equal("502", server.Attributes["error.type"]);
    }

    [Fact]
    public async Task Without_tracing_the_headers_of_a_trace_pass_as_they_are()
    {
        string? received = null;
        await using TestUpstream upstream = await TestUpstream.StartAsync(context =>
        {
            received = context.Request.Headers["traceparent"];
            return context.Response.WriteAsync("hello");
        });
        await using TestCollector collector = await TestCollector.StartAsync();
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(folder, upstream, $$""" "otlp": "{{collector.Url}}" """);

        await GetAsync(sidecar, "/", $"00-{TraceId}-{ParentId}-01");
        Assert.Equal(0, await sidecar.StopAsync());

        Assert.Equal($"00-{TraceId}-{ParentId}-01", received);
        Assert.Empty(collector.Spans);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Metrics_arrive_with_what_is_said_of_the_process(bool grpc)
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using TestCollector collector = await TestCollector.StartAsync(grpc);
        using TemporaryFolder folder = new();
        await using SidecarProcess sidecar = await StartAsync(
            folder,
            upstream,
            $$"""
            "otlp": "{{collector.Url}}", "otlpProtocol": "{{(grpc ? "grpc" : "http/protobuf")}}",
            "otlpHeaders": { "Authorization": "Bearer a,b=c" },
            "attributes": { "deployment.environment.name": "prod" }
            """);

        await GetAsync(sidecar, "/");
        await GetAsync(sidecar, "/");
        await GetAsync(sidecar, "/none-of-it");
        Assert.Equal(0, await sidecar.StopAsync());

        Assert.Equal((2, 0), (Decisions("all", "allowed"), Decisions("all", "limited")));
        Assert.Equal((0, 1), (Decisions("none", "allowed"), Decisions("none", "limited")));
        CollectedPoint memory = Assert.Single(collector.Points, point => point.Metric == "dotnet.process.memory.working_set");
        Assert.True(memory.Value > 0);
        Assert.Equal("meliproxy", memory.Resource["service.name"]);
        Assert.Equal("node-1", memory.Resource["service.instance.id"]);
        Assert.Equal("orders", memory.Resource["meliproxy.domain"]);
        Assert.Equal(Environment.MachineName, memory.Resource["host.name"]);
        Assert.Equal("prod", memory.Resource["deployment.environment.name"]);
        Assert.Contains("service.version", memory.Resource);
        Assert.All(collector.Headers, headers => Assert.Equal("Bearer a,b=c", headers.Authorization));
        Assert.DoesNotContain("a,b=c", sidecar.Output, StringComparison.Ordinal);

        double Decisions(string rule, string outcome) => Assert.Single(
            collector.Points,
            point => point.Metric == "meliproxy.rate_limiting.decisions"
                && point.Attributes["rule"].Equals(rule) && point.Attributes["outcome"].Equals(outcome)).Value;
    }

    private async Task<SidecarProcess> StartAsync(TemporaryFolder folder, TestUpstream upstream, string telemetry)
    {
        string file = folder.Write(
            "meliproxy.json",
            $$"""
            { "upstream": "{{upstream.Address}}",
              "sharing": { "domain": "orders", "node": "node-1" },
              "rules": [
                { "name": "none", "match": { "path": "/none-of-it" }, "key": ["global"], "limit": 0, "window": "1s" },
                { "name": "all", "key": ["path"], "limit": 1000, "window": "1s" }
              ],
              "telemetry": { {{telemetry}} } }
            """);
        return await SidecarProcess.StartInAsync(binary, folder.Path, "--config", file);
    }

    private static async Task GetAsync(SidecarProcess sidecar, string path, string? traceParent = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        if (traceParent is not null)
        {
            request.Headers.Add("traceparent", traceParent);
        }

        using HttpResponseMessage response = await sidecar.Client.SendAsync(request, Stop);
    }
}
