using System.Collections.Concurrent;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeliProxy.Sidecar.FunctionalTests.Telemetry.Collecting;

/// <summary>An OpenTelemetry collector that keeps what it is sent, over HTTP or gRPC.</summary>
internal sealed class TestCollector : IAsyncDisposable
{
    private const int FrameHeader = 5;

    private readonly ConcurrentQueue<CollectedSpan> _spans = new();
    private readonly ConcurrentQueue<CollectedPoint> _points = new();
    private readonly ConcurrentQueue<IHeaderDictionary> _headers = new();
    private TestUpstream? _server;

    private TestCollector()
    {
    }

    public string Url => _server!.Address.ToString();

    public IReadOnlyCollection<CollectedSpan> Spans => _spans;

    public IReadOnlyCollection<CollectedPoint> Points => _points;

    public IReadOnlyCollection<IHeaderDictionary> Headers => _headers;

    public static async Task<TestCollector> StartAsync(bool grpc = false)
    {
        TestCollector collector = new();
        collector._server = await TestUpstream.StartAsync(
            grpc ? collector.TakeGrpcAsync : collector.TakeHttpAsync, grpc ? HttpProtocols.Http2 : HttpProtocols.Http1);
        return collector;
    }

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    private async Task TakeHttpAsync(HttpContext context)
    {
        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        Take(context, await ReadBodyAsync(context), context.Request.Path == "/v1/traces", context.Request.Path == "/v1/metrics");
    }

    private async Task TakeGrpcAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        Take(
            context,
            (await ReadBodyAsync(context))[FrameHeader..],
            context.Request.Path == "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            context.Request.Path == "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
        await context.Response.Body.WriteAsync(new byte[FrameHeader]);
        context.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers["grpc-status"] = "0";
    }

    private void Take(HttpContext context, byte[] message, bool isTraces, bool isMetrics)
    {
        _headers.Enqueue(new HeaderDictionary(context.Request.Headers.ToDictionary()));
        if (isTraces)
        {
            foreach (CollectedSpan span in OtlpMessages.ReadSpans(message))
            {
                _spans.Enqueue(span);
            }
        }
        else if (isMetrics)
        {
            foreach (CollectedPoint point in OtlpMessages.ReadPoints(message))
            {
                _points.Enqueue(point);
            }
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }
}
