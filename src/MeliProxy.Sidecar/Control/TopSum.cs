using System.Text.Json;

namespace MeliProxy.Sidecar.Control;

/// <summary>Adds up what sidecars tell of the keys with the most requests.</summary>
internal sealed class TopSum
{
    private const int MostKeys = 1_000_000;

    private readonly Dictionary<string, (JsonElement Key, long Hits, long Limited, long Error)> _keys = new(StringComparer.Ordinal);
    private int _nodes;

    public bool IsEmpty => _keys.Count == 0;

    public void Add(ReadOnlyMemory<byte> answer)
    {
        using JsonDocument? document = ReportReading.TryParse(answer);
        if (document is null)
        {
            return;
        }

        _nodes++;
        AddKeys(document.RootElement);
    }

    /// <summary>Adds the keys of an answer.</summary>
    public void AddKeys(JsonElement answer)
    {
        foreach (JsonElement key in ReportReading.Items(answer, "keys"))
        {
            Add(key);
        }
    }

    /// <param name="writer">Where to.</param>
    /// <param name="count">How many keys at most.</param>
    public void Write(Utf8JsonWriter writer, int count)
    {
        writer.WriteNumber("nodes", _nodes);
        WriteKeys(writer, count);
    }

    /// <summary>Writes the keys alone.</summary>
    public void WriteKeys(Utf8JsonWriter writer, int count)
    {
        writer.WriteStartArray("keys");
        foreach ((JsonElement key, long hits, long limited, long error) in _keys.Values.OrderByDescending(key => key.Hits).Take(count))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("rule");
            key.GetProperty("rule").WriteTo(writer);
            writer.WritePropertyName("key");
            key.GetProperty("key").WriteTo(writer);
            writer.WriteNumber("hits", hits);
            writer.WriteNumber("limited", limited);
            writer.WriteNumber("error", error);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Add(JsonElement key)
    {
        if (ReportReading.Text(key, "rule") is null
            || !key.TryGetProperty("key", out JsonElement parts)
            || parts.ValueKind != JsonValueKind.Array
            || parts.EnumerateArray().Any(part => ReportReading.Text(part) is null))
        {
            return;
        }

        // What was written by the same program is written the same way.
        string identity = $"{key.GetProperty("rule").GetRawText()} {parts.GetRawText()}";
        if (_keys.TryGetValue(identity, out (JsonElement Key, long Hits, long Limited, long Error) sum) || _keys.Count < MostKeys)
        {
            _keys[identity] = (
                sum.Key.ValueKind == JsonValueKind.Undefined ? key.Clone() : sum.Key,
                ReportReading.Add(sum.Hits, ReportReading.Count(key, "hits")),
                ReportReading.Add(sum.Limited, ReportReading.Count(key, "limited")),
                ReportReading.Add(sum.Error, ReportReading.Count(key, "error")));
        }
    }
}
