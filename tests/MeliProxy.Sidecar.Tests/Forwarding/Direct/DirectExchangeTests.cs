using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using MeliProxy.Sidecar.Forwarding.Direct;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Tests.Forwarding.Direct;

public class DirectExchangeTests
{
    private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray();

    private readonly List<ScriptedStream> _made = [];

    [Fact]
    public async Task A_request_is_sent_as_YARP_would_and_its_connection_used_again()
    {
        using DirectWay way = Way(Answer);
        for (int i = 1; i <= 3; i++)
        {
            DefaultHttpContext context = DirectWay.Request();
            await way.SendAsync(context);
            Assert.Equal("hello", Body(context));
        }

        string head = Encoding.Latin1.GetString(Assert.Single(_made).Sent.ToArray()).Split("\r\n\r\n")[0];
        Assert.Equal("GET /base/a?b HTTP/1.1\r\nHost: up:81\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: front", head);
        Assert.Equal((1, 1), way.Pools.Count());
    }

    [Fact]
    public async Task An_exchange_that_does_not_wait_allocates_nothing()
    {
        using DirectWay way = Way(Answer);
        DefaultHttpContext context = DirectWay.Request();
        context.Request.Headers.UserAgent = "test";
        context.Request.Headers["X-Some"] = "thing";
        MemoryStream body = (MemoryStream)context.Response.Body;
        long fewest = long.MaxValue;
        for (int run = 0; run < 5; run++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                body.Position = 0;
                context.Response.Headers.Clear();
                _made.FirstOrDefault()?.Sent.SetLength(0);
                Task sending = way.SendAsync(context);
                Assert.True(sending.IsCompletedSuccessfully);
            }

            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        await Task.CompletedTask;
        Assert.Null(way.Failure);

        // What is left is what the in-memory server here does: it boxes a header's value, and its dictionary makes a set of entries anew.
        Assert.InRange(fewest / 100, 0, 400);
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("DELETE", true)]
    [InlineData("POST", false)]
    public async Task A_connection_that_closes_as_it_is_used_again_is_replaced_if_asking_twice_does_no_harm(string method, bool isRepeated)
    {
        byte[] once = Answer;
        ClosingStream stale = new();
        Queue<Stream> streams = new([stale, new ScriptedStream(once)]);
        using DirectWay way = new(() => Task.FromResult(streams.Dequeue()));
        await way.SendAsync(DirectWay.Request());
        Assert.Null(way.Failure);

        DefaultHttpContext context = DirectWay.Request(method);
        await way.SendAsync(context);

        Assert.Equal(isRepeated ? null : UpstreamFault.ClosedBeforeAnswer, way.Failure?.Fault);
        Assert.Equal(isRepeated ? "hello" : "", Body(context));
        Assert.Equal(isRepeated ? 1 : 0, way.Counts.Stale.Value);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloX", null, "hello", UpstreamFault.SurplusBytes)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", null, "hello", null)]
    [InlineData("HTTP/1.1 nonsense\r\n\r\n", UpstreamFault.InvalidAnswer, "", UpstreamFault.InvalidAnswer)]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\n\r\n", UpstreamFault.InvalidAnswer, "", UpstreamFault.InvalidAnswer)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", UpstreamFault.InvalidAnswer, "", UpstreamFault.InvalidAnswer)]
    public async Task A_connection_with_anything_wrong_is_not_used_again(
        string answer, object? fault, string body, object? counted)
    {
        using DirectWay way = Way(Encoding.Latin1.GetBytes(answer));
        DefaultHttpContext context = DirectWay.Request();
        await way.SendAsync(context);

        Assert.Equal(fault, (object?)way.Failure?.Fault);
        Assert.Equal(body, Body(context));
        Assert.True(Assert.Single(_made).IsClosed);
        Assert.Equal((0, 0), way.Pools.Count());
        foreach (UpstreamFault each in Enum.GetValues<UpstreamFault>())
        {
            Assert.Equal(each.Equals(counted) ? 1 : 0, way.Counts.Of(each));
        }
    }

    [Fact]
    public async Task A_body_that_breaks_off_ends_the_exchange_with_the_upstream()
    {
        using DirectWay way = new(() => Task.FromResult<Stream>(new SilentStream()));
        DefaultHttpContext context = DirectWay.Request("POST");
        context.Features.Set<IHttpRequestBodyDetectionFeature>(null);
        context.Request.Body = new BrokenBody();
        await way.SendAsync(context);
        Assert.Equal(UpstreamFault.RequestBodyFailed, way.Failure!.Fault);
        Assert.Equal(StatusCodes.Status413PayloadTooLarge, context.Response.StatusCode);
        Assert.Equal((0, 0), way.Pools.Count());
    }

    [Fact]
    public async Task A_body_that_is_being_read_when_the_upstream_takes_no_more_is_left_to_the_server()
    {
        using DirectWay way = new(() => Task.FromResult<Stream>(new ClosedStream()));
        DefaultHttpContext context = DirectWay.Request("POST");
        context.Features.Set<IHttpRequestBodyDetectionFeature>(null);
        Pipe body = new();
        context.Features.Set<IRequestBodyPipeFeature>(new PipedBody(body.Reader));

        await way.SendAsync(context);

        Assert.Equal(UpstreamFault.RequestNotTaken, way.Failure!.Fault);
        await body.Writer.WriteAsync("more"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(body.Reader.TryRead(out ReadResult rest));
        Assert.Equal("more"u8.ToArray(), rest.Buffer.ToArray());
    }

    [Fact]
    public async Task One_that_stands_still_is_broken_off_and_not_before_its_time()
    {
        using DirectWay way = new(() => Task.FromResult<Stream>(new SilentStream()));
        Task sending = way.SendAsync(DirectWay.Request());
        way.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(sending.IsCompleted);
        way.Time.Advance(TimeSpan.FromSeconds(1));
        await sending;
        Assert.Equal(UpstreamFault.TimedOut, way.Failure!.Fault);
        Assert.Equal(StatusCodes.Status504GatewayTimeout, way.Failure.StatusCode);
    }

    [Fact]
    public async Task One_whose_client_leaves_is_broken_off()
    {
        using DirectWay way = new(() => Task.FromResult<Stream>(new SilentStream()));
        using CancellationTokenSource left = new();
        DefaultHttpContext context = DirectWay.Request();
        context.RequestAborted = left.Token;
        Task sending = way.SendAsync(context);
        way.Time.Advance(UpstreamPools.Tick);
        Assert.False(sending.IsCompleted);
        await left.CancelAsync();
        way.Time.Advance(UpstreamPools.Tick);
        await sending;
        Assert.Equal(UpstreamFault.ClientLeft, way.Failure!.Fault);
    }

    [Fact]
    public async Task Idle_connections_are_closed_after_a_while_and_old_ones_too()
    {
        using DirectWay way = Way(Answer);
        await way.SendAsync(DirectWay.Request());
        way.Time.Advance(UpstreamPool.MaxIdle);
        Assert.False(_made[0].IsClosed);
        way.Time.Advance(UpstreamPools.Tick);
        Assert.True(_made[0].IsClosed);

        TimeSpan step = UpstreamPool.MaxIdle / 2;
        for (TimeSpan age = TimeSpan.Zero; age <= UpstreamPool.MaxAge; age += step)
        {
            await way.SendAsync(DirectWay.Request());
            way.Time.Advance(step);
        }

        Assert.Equal(2, _made.Count);
        Assert.True(_made[1].IsClosed);
    }

    private static string Body(HttpContext context) => Encoding.Latin1.GetString(((MemoryStream)context.Response.Body).ToArray());

    private DirectWay Way(byte[] answer) => new(() =>
    {
        _made.Add(new ScriptedStream(answer));
        return Task.FromResult<Stream>(_made[^1]);
    });

    /// <summary>Answers once, and closes when it is asked again.</summary>
    private sealed class ClosingStream : MemoryStream
    {
        private readonly TaskCompletionSource<int> _ended = new();
        private int _asked;
        private Memory<byte> _into;
        private TaskCompletionSource<int>? _first;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _into = buffer;
            _first ??= new TaskCompletionSource<int>();
            return new ValueTask<int>(_asked == 0 ? _first.Task : _ended.Task);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_asked++ == 0)
            {
                Answer.CopyTo(_into);
                _first!.SetResult(Answer.Length);
            }
            else
            {
                _ended.SetResult(0);
            }

            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Has nothing, and then something wrong.</summary>
    private sealed class BrokenBody : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            throw new BadHttpRequestException("bad", StatusCodes.Status413PayloadTooLarge);
        }
    }

    private sealed class PipedBody(PipeReader reader) : IRequestBodyPipeFeature
    {
        public PipeReader Reader => reader;
    }

    /// <summary>Says nothing, and takes nothing.</summary>
    private sealed class ClosedStream : MemoryStream
    {
        private readonly TaskCompletionSource<int> _closed = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_closed.Task);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _closed.TrySetException(new IOException("closed"));
            return ValueTask.FromException(new IOException("closed"));
        }
    }

    /// <summary>Takes everything and says nothing until it is closed.</summary>
    private sealed class SilentStream : MemoryStream
    {
        private readonly TaskCompletionSource<int> _closed = new();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_closed.Task);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

        protected override void Dispose(bool disposing)
        {
            _closed.TrySetException(new IOException("closed"));
            base.Dispose(disposing);
        }
    }
}
