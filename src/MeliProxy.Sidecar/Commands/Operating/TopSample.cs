using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating;

/// <summary>The counts of one answer, to compare with those of the next.</summary>
internal sealed class TopSample
{
    private readonly long _timestamp;
    private readonly Dictionary<string, (long Hits, long Limited)> _counts = new(StringComparer.Ordinal);

    /// <param name="timestamp">When it was asked, by a clock's timestamps.</param>
    /// <param name="answer">The answer.</param>
    public TopSample(long timestamp, JsonElement answer)
    {
        _timestamp = timestamp;
        foreach (JsonElement key in answer.Items("keys"))
        {
            _counts[Identity(key)] = (key.Long("hits") ?? 0, key.Long("limited") ?? 0);
        }
    }

    /// <summary>What distinguishes one key from the others.</summary>
    public static string Identity(JsonElement key) => $"{key.Find("rule")?.GetRawText()} {key.Find("key")?.GetRawText()}";

    /// <summary>Hits and limited requests per second, of the keys that both samples have.</summary>
    /// <remarks>Counts can also fall, when a sidecar starts anew or a key was counted together with another; then there is no rate.</remarks>
    public IReadOnlyDictionary<string, (double Hits, double Limited)> RatesSince(TopSample earlier, TimeProvider time)
    {
        double seconds = time.GetElapsedTime(earlier._timestamp, _timestamp).TotalSeconds;
        Dictionary<string, (double, double)> rates = new(StringComparer.Ordinal);
        foreach ((string key, (long hits, long limited)) in _counts)
        {
            if (seconds > 0 && earlier._counts.TryGetValue(key, out (long Hits, long Limited) before)
                && hits >= before.Hits && limited >= before.Limited)
            {
                rates[key] = ((hits - before.Hits) / seconds, (limited - before.Limited) / seconds);
            }
        }

        return rates;
    }
}
