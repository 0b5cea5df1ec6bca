using System.Net;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Comparison;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding;

/// <summary>A sidecar with an upstream of its own, that plays one exchange after the other.</summary>
internal sealed class ObservedSidecar : IAsyncDisposable
{
    /// <summary>Against waiting for ever only; nothing here is decided by time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Exchange Flushing =
        new("flush", [Step.Send($"GET {ScriptedUpstream.Flush} HTTP/1.1\r\nHost: flush\r\nConnection: close\r\n\r\n")], []);

    private readonly ScriptedUpstream _upstream;
    private readonly RunningSidecar _sidecar;

    private ObservedSidecar(ScriptedUpstream upstream, RunningSidecar sidecar)
    {
        _upstream = upstream;
        _sidecar = sidecar;
    }

    public static async Task<ObservedSidecar> StartAsync(Setting setting, string forwarding)
    {
        ScriptedUpstream upstream = ScriptedUpstream.Start();
        string path = setting == Setting.UpstreamWithPath ? "/base/" : "";
        string trust = setting == Setting.TrustedClient ? ", \"clientIp\": { \"trustedProxies\": [\"127.0.0.0/8\"] }" : "";
        return new ObservedSidecar(
            upstream,
            await RunningSidecar.StartAsync($"\"upstream\": [\"http://{upstream.Authority}{path}\"], \"rules\": [], {forwarding}{trust}"));
    }

    /// <summary>Plays an exchange.</summary>
    /// <exception cref="TimeoutException">It does not come to an end.</exception>
    public async Task<Observation> PlayAsync(Exchange exchange, CancellationToken cancellationToken)
    {
        using CancellationTokenSource guard = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        guard.CancelAfter(Patience);
        IPEndPoint proxy = IPEndPoint.Parse(_sidecar.Address.Authority);
        Progress progress = new();
        ScriptedClient client = new(exchange, progress, guard.Token);
        _upstream.Begin(exchange, progress, guard.Token);
        string waitsFor = "the client";
        try
        {
            await client.RunAsync(proxy);

            // Takes the connection that the proxy keeps and has it closed, so that the next exchange begins without. What the proxy has
            // sent before has arrived by then.
            waitsFor = "the request after it";
            ScriptedClient flush = new(Flushing, new Progress(), guard.Token);
            await flush.RunAsync(proxy);
            if (flush.Answers is not [{ Status: 200 }])
            {
                throw new InvalidOperationException("the sidecar does not answer a plain request any more");
            }

            waitsFor = "the upstream";
            IReadOnlyList<HttpMessage> requests = await _upstream.FinishAsync();
            return new Observation(client.Answers, client.IsReusable, requests, _sidecar.Address.Authority, _upstream.Authority);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"waited {Patience.TotalSeconds} s for {waitsFor}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        await _upstream.DisposeAsync();
    }
}
