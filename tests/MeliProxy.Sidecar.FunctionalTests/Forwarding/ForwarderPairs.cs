using MeliProxy.Sidecar.FunctionalTests.Forwarding.Exchanges;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding;

/// <summary>A pair of sidecars for each setting, started when first asked for.</summary>
public sealed class ForwarderPairs : IAsyncDisposable
{
    private readonly Dictionary<Setting, ForwarderPair> _pairs = [];

    internal async Task<ForwarderPair> GetAsync(Setting setting)
    {
        if (!_pairs.TryGetValue(setting, out ForwarderPair? pair))
        {
            pair = _pairs[setting] = await ForwarderPair.StartAsync(setting);
        }

        return pair;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ForwarderPair pair in _pairs.Values)
        {
            await pair.DisposeAsync();
        }
    }
}
