using MeliProxy.Sidecar.FunctionalTests.Forwarding.Comparison;
using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding;

/// <summary>Two sidecars that differ in how they forward, and nothing else.</summary>
internal sealed class ForwarderPair : IAsyncDisposable
{
    private const string Direct = "\"forwarding\": { \"direct\": true }";
    private const string Yarp = "\"forwarding\": { \"direct\": false }";

    private readonly ObservedSidecar _direct;
    private readonly ObservedSidecar _yarp;

    private ForwarderPair(ObservedSidecar direct, ObservedSidecar yarp)
    {
        _direct = direct;
        _yarp = yarp;
    }

    public static async Task<ForwarderPair> StartAsync(Setting setting) =>
        new(await ObservedSidecar.StartAsync(setting, Direct), await ObservedSidecar.StartAsync(setting, Yarp));

    /// <summary>Plays an exchange with both.</summary>
    /// <returns>What is wrong, with all there is to know of the exchange; empty if all is well.</returns>
    public Task<string> PlayAsync(Exchange exchange, CancellationToken cancellationToken) => PlayAsync(exchange, exchange, cancellationToken);

    /// <summary>Plays an exchange with the direct forwarder and another, as if it were the same, with YARP.</summary>
    public async Task<string> PlayAsync(Exchange exchange, Exchange other, CancellationToken cancellationToken)
    {
        Task<Observation> direct = _direct.PlayAsync(exchange, cancellationToken);
        Task<Observation> yarp = _yarp.PlayAsync(other, cancellationToken);
        await Task.WhenAll(direct, yarp).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();
        List<string> wrong = [];
        AddFailure(wrong, "direct", direct);
        AddFailure(wrong, "YARP", yarp);
        if (wrong.Count == 0)
        {
            wrong.AddRange(Verdict.Find(exchange, await direct, await yarp));
        }

        return wrong.Count == 0 ? "" : $"{exchange.Describe()}\n  {string.Join("\n  ", wrong)}\n";
    }

    public async ValueTask DisposeAsync()
    {
        await _direct.DisposeAsync();
        await _yarp.DisposeAsync();
    }

    private static void AddFailure(List<string> wrong, string forwarder, Task<Observation> playing)
    {
        if (playing.Exception?.InnerException is { } failure)
        {
            wrong.Add($"{forwarder}: {failure.GetType().Name}: {failure.Message}");
        }
    }
}
