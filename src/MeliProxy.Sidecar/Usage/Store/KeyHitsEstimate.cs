using System.Buffers;
using System.Text;
using System.Text.Json;
using MeliProxy.RateLimiting;

namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>
/// Tells from successive lists of the keys that use a rule most how often each was hit in between. The lists' hits fade to 1/e in ten minutes,
/// so of what a list had, e^(-d/600 s) is left after d seconds, and the rest is new.
/// </summary>
/// <remarks>
/// A difference below one is not told but kept for the next list: hits are rounded, and a key that rests would seem to be hit now and then.
/// What was possibly another key's in the list before is so in the next one too, by the same counter, and cancels out; only what has been added
/// to it meanwhile can make the difference too high. A key that was not in the list before can have had hits all the same, as only so many keys
/// are told: no more than the least of those that were. For one thread at a time.
/// </remarks>
/// <param name="listLength">How many keys of a rule a list has at most.</param>
internal sealed class KeyHitsEstimate(int listLength)
{
    private const double FadingSeconds = 600;

    private Dictionary<(string Rule, string Key), (double Hits, double Limited, double Error)> _before = [];
    private Dictionary<string, (int Count, long Least)> _leastBefore = [];
    private DateTimeOffset? _at;

    /// <summary>Takes the next list.</summary>
    /// <param name="keys">The keys, of all rules.</param>
    /// <param name="at">When the list was made.</param>
    /// <returns>What is new since the list before; since nothing at all if this is the first.</returns>
    public IReadOnlyList<KeyHits> Next(IReadOnlyList<TopKey> keys, DateTimeOffset at)
    {
        double seconds = Math.Max((at - (_at ?? at)).TotalSeconds, 0);
        double left = Math.Exp(-seconds / FadingSeconds);

        // New hits have faded too, the first of them most. Taken as coming evenly, this is what they were.
        double steepness = seconds / FadingSeconds;
        double unfaded = steepness > 0 ? steepness / (1 - left) : 1;
        Dictionary<(string, string), (double, double, double)> now = [];
        Dictionary<string, (int Count, long Least)> least = [];
        List<KeyHits> news = [];
        foreach (TopKey key in keys)
        {
            (string Rule, string Key) identity = (key.Rule, Write(key.Key));
            if (now.ContainsKey(identity))
            {
                continue;
            }

            bool isKnown = _before.TryGetValue(identity, out (double Hits, double Limited, double Error) before);
            (int count, long smallest) = least.GetValueOrDefault(key.Rule, (0, long.MaxValue));
            least[key.Rule] = (count + 1, Math.Min(smallest, key.Hits));
            double hits = key.Hits - (before.Hits * left);
            double limited = key.Limited - (before.Limited * left);
            if (hits < 1 && limited < 1)
            {
                // A count that fell is another counter's.
                bool fell = hits < -2;
                now[identity] = fell ? (key.Hits, key.Limited, key.Error) : (before.Hits * left, before.Limited * left, key.Error);
                continue;
            }

            long newHits = (long)Math.Max(Math.Round(hits * unfaded), 0);
            long newLimited = Math.Clamp((long)Math.Round(limited * unfaded), 0, newHits);

            // What rounding adds or leaves out is told with the next.
            now[identity] = ((before.Hits * left) + (newHits / unfaded), (before.Limited * left) + (newLimited / unfaded), key.Error);
            double error = isKnown ? key.Error - (before.Error * left) : key.Error + LeastBefore(key.Rule, left);
            if (newHits > 0)
            {
                // Errors are rounded up, each for itself, so a difference of one or less is none.
                long mostTooHigh = error > 1 ? Math.Min((long)Math.Ceiling(error), newHits) : 0;
                news.Add(new KeyHits(key.Rule, identity.Key, newHits, newLimited, mostTooHigh));
            }
        }

        _before = now;
        _leastBefore = least;
        _at = at;
        return news;
    }

    /// <summary>What a key can have had that was not in the list before.</summary>
    private double LeastBefore(string rule, double left) =>
        _leastBefore.TryGetValue(rule, out (int Count, long Least) least) && least.Count >= listLength
            ? least.Least * left
            : 0;

    private static string Write(IReadOnlyList<string> key)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartArray();
            foreach (string part in key)
            {
                writer.WriteStringValue(part);
            }

            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
