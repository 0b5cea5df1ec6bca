using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding;

/// <summary>An upstream that does in each exchange what its script says, and keeps what it has read.</summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    /// <summary>Asked for at the end of an exchange, on the client's connection.</summary>
    public const string Probe = "/probe";

    /// <summary>Asked for after an exchange, to have the proxy take and give up the connection that it keeps.</summary>
    public const string Flush = "/flush";

    /// <summary>Tells that an answer is the one to <see cref="Probe"/>.</summary>
    public const string ProbeHeader = "X-Probe";

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private readonly Lock _lock = new();
    private Run? _run;

    private ScriptedUpstream()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Authority = _listener.LocalEndPoint!.ToString()!;
        _accepting = AcceptAsync();
    }

    public string Authority { get; }

    public static ScriptedUpstream Start() => new();

    /// <summary>Begins an exchange; all connections from now on belong to it.</summary>
    public void Begin(Exchange exchange, Progress progress, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _run = new Run(exchange, progress, cancellationToken);
        }
    }

    /// <summary>Ends the exchange: scripts under way are played to their end, then all connections are closed.</summary>
    /// <returns>The requests that were read.</returns>
    public async Task<IReadOnlyList<HttpMessage>> FinishAsync()
    {
        Run run;
        lock (_lock)
        {
            run = _run!;
            _run = null;
        }

        await run.Finishing.CancelAsync();
        await Task.WhenAll(run.Connections);
        run.Finishing.Dispose();
        return [.. run.Requests];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptAsync(_stop.Token);
                socket.NoDelay = true;
                lock (_lock)
                {
                    if (_run is { } run)
                    {
                        run.Connections.Add(run.ServeAsync(socket));
                    }
                    else
                    {
                        socket.Dispose();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The tests are over.
        }
    }

    /// <summary>The upstream's side of one exchange.</summary>
    private sealed class Run(Exchange exchange, Progress progress, CancellationToken cancellationToken)
    {
        private int _answered = -1;
        private int _connected;

        public CancellationTokenSource Finishing { get; } = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        public List<Task> Connections { get; } = [];

        public ConcurrentQueue<HttpMessage> Requests { get; } = new();

        public async Task ServeAsync(Socket socket)
        {
            using (socket)
            {
                try
                {
                    await ServeRequestsAsync(socket, new HttpReader(socket));
                }
                catch (SocketException)
                {
                    // The proxy has ended the connection while something was sent to it.
                }
            }
        }

        private async Task ServeRequestsAsync(Socket socket, HttpReader reader)
        {
            if (exchange.Unasked.Length > 0 && Interlocked.Increment(ref _connected) == 1)
            {
                await SendAsync(socket, exchange.Unasked);
            }

            while (await WaitForRequestAsync(socket, reader) && await reader.ReadHeadAsync(cancellationToken) is { } request)
            {
                request.FrameRequest();
                if (request.Target.EndsWith(Probe, StringComparison.Ordinal))
                {
                    await SendAsync(socket, $"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n{ProbeHeader}: answer\r\n\r\nprobe");
                    continue;
                }

                if (request.Target.EndsWith(Flush, StringComparison.Ordinal))
                {
                    await SendAsync(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                    return;
                }

                Requests.Enqueue(request);
                if (!request.HasHead)
                {
                    return;
                }

                progress.Advance(Milestone.RequestHeads);
                int script = Math.Min(Interlocked.Increment(ref _answered), exchange.Upstream.Count - 1);
                foreach (Step step in exchange.Upstream[script])
                {
                    if (!await TakeAsync(step, socket, reader, request))
                    {
                        return;
                    }
                }

                await ReadBodyAsync(reader, request, long.MaxValue);
                if (!request.IsComplete)
                {
                    return;
                }
            }
        }

        /// <summary>Waits for the first byte of a request; not beyond the exchange's end, unless it has come already.</summary>
        private async Task<bool> WaitForRequestAsync(Socket socket, HttpReader reader)
        {
            try
            {
                return await reader.WaitAsync(Finishing.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return socket.Poll(TimeSpan.Zero, SelectMode.SelectRead) && await reader.WaitAsync(cancellationToken);
            }
        }

        /// <returns>Whether the connection goes on.</returns>
        private async Task<bool> TakeAsync(Step step, Socket socket, HttpReader reader, HttpMessage request)
        {
            switch (step.Kind)
            {
                case StepKind.Close:
                    socket.Shutdown(SocketShutdown.Send);
                    progress.Advance(Milestone.UpstreamSteps);

                    // What still comes is read, as closing with bytes unread would be a reset.
                    await DrainAsync(reader, Finishing.Token);
                    return false;
                case StepKind.Reset:
                    socket.LingerState = new LingerOption(true, 0);
                    socket.Close();
                    progress.Advance(Milestone.UpstreamSteps);
                    return false;
                case StepKind.AwaitEnd:
                    await DrainAsync(reader, cancellationToken);
                    return false;
                case StepKind.Send:
                    await socket.SendAsync(step.Bytes, cancellationToken);
                    break;
                case StepKind.Await:
                    await progress.ReachedAsync(step.Milestone, step.Count, cancellationToken);
                    break;
                case StepKind.ReadBody:
                    await ReadBodyAsync(reader, request, step.Count);
                    if (!request.IsComplete && request.Body.Length < step.Count)
                    {
                        return false;
                    }

                    break;
                default:
                    throw new InvalidOperationException($"no step of an upstream: {step}");
            }

            progress.Advance(Milestone.UpstreamSteps);
            return true;
        }

        private Task ReadBodyAsync(HttpReader reader, HttpMessage request, long until) =>
            reader.ReadBodyAsync(request, until, length => progress.Advance(Milestone.RequestBody, length), cancellationToken);

        private static async Task DrainAsync(HttpReader reader, CancellationToken cancellationToken)
        {
            try
            {
                await reader.DrainAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The exchange is over, or whoever waits for it says that it hangs.
            }
        }

        private async Task SendAsync(Socket socket, string text) =>
            await socket.SendAsync(Encoding.Latin1.GetBytes(text), cancellationToken);
    }
}
