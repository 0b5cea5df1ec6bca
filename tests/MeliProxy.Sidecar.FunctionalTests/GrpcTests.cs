using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Grpc.Net.Client;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class GrpcTests
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(static b => b, static b => b);
    private static readonly Method<byte[], byte[]> Unary = new(MethodType.Unary, "test.Echo", "Unary", Bytes, Bytes);
    private static readonly Method<byte[], byte[]> Duplex = new(MethodType.DuplexStreaming, "test.Echo", "Duplex", Bytes, Bytes);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unary_calls_streams_statuses_and_trailers_pass_without_tls()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(
            app => app.MapGrpcService<Echo>(),
            services =>
            {
                services.AddLogging();
                services.AddGrpc();
                services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<Echo>, EchoMethods>());
            },
            HttpProtocols.Http2);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream);
        using GrpcChannel channel = GrpcChannel.ForAddress(sidecar.Address);
        CallInvoker calls = channel.CreateCallInvoker();
        CallOptions options = new(cancellationToken: Stop);

        using AsyncUnaryCall<byte[]> unary = calls.AsyncUnaryCall(Unary, null, options, [1, 2, 3]);
        Assert.Equal([1, 2, 3], await unary);
        Assert.Equal("there", unary.GetTrailers().GetValue("been"));

        using AsyncUnaryCall<byte[]> failing = calls.AsyncUnaryCall(Unary, null, options, []);
        RpcException failure = await Assert.ThrowsAsync<RpcException>(async () => await failing);
        Assert.Equal(StatusCode.InvalidArgument, failure.StatusCode);
        Assert.Equal("nothing to echo", failure.Status.Detail);

        using AsyncDuplexStreamingCall<byte[], byte[]> duplex = calls.AsyncDuplexStreamingCall(Duplex, null, options);
        for (byte i = 0; i < 3; i++)
        {
            await duplex.RequestStream.WriteAsync([i], Stop);
            Assert.True(await duplex.ResponseStream.MoveNext(Stop));
            Assert.Equal([i], duplex.ResponseStream.Current);
        }

        await duplex.RequestStream.CompleteAsync();
        Assert.False(await duplex.ResponseStream.MoveNext(Stop));
    }

    /// <summary>The service; what it does is in its methods.</summary>
    private sealed class Echo;

    private sealed class EchoMethods : IServiceMethodProvider<Echo>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<Echo> context)
        {
            context.AddUnaryMethod(Unary, [], static (_, request, call) => EchoAsync(request, call));
            context.AddDuplexStreamingMethod(Duplex, [], static (_, requests, answers, call) => EchoAsync(requests, answers, call));
        }

        private static Task<byte[]> EchoAsync(byte[] request, ServerCallContext context)
        {
            if (request.Length == 0)
            {
                throw new RpcException(new Status(StatusCode.InvalidArgument, "nothing to echo"));
            }

            context.ResponseTrailers.Add("been", "there");
            return Task.FromResult(request);
        }

        private static async Task EchoAsync(
            IAsyncStreamReader<byte[]> requests, IServerStreamWriter<byte[]> answers, ServerCallContext context)
        {
            while (await requests.MoveNext(context.CancellationToken))
            {
                await answers.WriteAsync(requests.Current, context.CancellationToken);
            }
        }
    }
}
