namespace MeliProxy.Sidecar.Configuration;

/// <summary>Names and texts that are settings. The texts may be secret, so they are not shown.</summary>
internal sealed class SettingPairs : IEquatable<SettingPairs>
{
    private readonly IReadOnlyDictionary<string, string> _pairs;

    public SettingPairs(IReadOnlyDictionary<string, string> pairs) => _pairs = pairs;

    public static SettingPairs None { get; } = new(new Dictionary<string, string>());

    public int Count => _pairs.Count;

    public IEnumerable<KeyValuePair<string, string>> All => _pairs;

    public bool Equals(SettingPairs? other) =>
        other is not null
        && _pairs.Count == other._pairs.Count
        && _pairs.All(pair => other._pairs.TryGetValue(pair.Key, out string? text) && text == pair.Value);

    public override bool Equals(object? obj) => Equals(obj as SettingPairs);

    public override int GetHashCode() => _pairs.Count;

    public override string ToString() => $"[{string.Join(", ", _pairs.Keys)}]";
}
