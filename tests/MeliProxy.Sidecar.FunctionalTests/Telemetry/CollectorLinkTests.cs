using System.Net;
using System.Net.Sockets;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using MeliProxy.Sidecar.Telemetry;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests.Telemetry;

public sealed class CollectorLinkTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_collector_that_is_not_there_is_told_of_once_and_again_when_it_is()
    {
        Uri url = new($"http://127.0.0.1:{FreePort()}");
        using CollectedLog log = new();
        using HttpClient client = new(new CollectorLink("metrics", url, log));

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(url, Stop));
        Assert.Throws<HttpRequestException>(() => client.Send(new HttpRequestMessage(HttpMethod.Post, url), Stop));
        Assert.Equal(
            $"Warning: The OpenTelemetry collector at {url} does not take metrics: it refuses connections. "
            + "What it does not take is lost; requests are not held up",
            Assert.Single(log.Lines));

        await using TestUpstream collector = await TestUpstream.StartAsync(_ => Task.CompletedTask, port: url.Port);
        (await client.GetAsync(url, Stop)).Dispose();
        client.Send(new HttpRequestMessage(HttpMethod.Post, url), Stop).Dispose();
        Assert.Equal(2, log.Lines.Count);
        Assert.Equal($"Information: The OpenTelemetry collector at {url} takes metrics again", log.Lines.Last());
    }

    [Theory]
    [InlineData(StatusCodes.Status401Unauthorized, null, "it answers 401")]
    [InlineData(StatusCodes.Status200OK, "16", "it answers with the gRPC status 16")]
    [InlineData(StatusCodes.Status200OK, "0", null)]
    [InlineData(StatusCodes.Status200OK, null, null)]
    public async Task What_the_collector_answers_is_told(int status, string? grpcStatus, string? problem)
    {
        await using TestUpstream collector = await TestUpstream.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            if (grpcStatus is not null)
            {
                context.Response.Headers["grpc-status"] = grpcStatus;
            }

            return Task.CompletedTask;
        });
        using CollectedLog log = new();
        using HttpClient client = new(new CollectorLink("traces", collector.Address, log));

        (await client.GetAsync(collector.Address, Stop)).Dispose();

        if (problem is null)
        {
            Assert.Empty(log.Lines);
        }
        else
        {
            Assert.Contains($"does not take traces: {problem}. ", Assert.Single(log.Lines), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_collector_that_does_not_answer_is_told_of()
    {
        using CancellationTokenSource end = new();
        await using TestUpstream collector = await TestUpstream.StartAsync(_ => Task.Delay(Timeout.Infinite, end.Token));
        using CollectedLog log = new();
        using HttpClient client = new(new CollectorLink("traces", collector.Address, log)) { Timeout = TimeSpan.FromMilliseconds(50) };

        await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(collector.Address, Stop));
        await end.CancelAsync();

        Assert.Contains("does not take traces: it does not answer in time. ", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    /// <summary>Not one of those that the system deals out, lest somebody else is dealt it before it is used.</summary>
    private static int FreePort()
    {
        while (true)
        {
            try
            {
                using TcpListener listener = new(IPAddress.Loopback, Random.Shared.Next(15_000, 30_000));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}
