using MeliProxy.RateLimiting.InfluxDB.LineProtocol;

namespace MeliProxy.RateLimiting.InfluxDB.Points;

/// <summary>The tags that all points have, and those of their own, written in the order that costs a server least.</summary>
internal sealed class CommonTags(IReadOnlyDictionary<string, string> tags)
{
    private readonly (string Key, string Value)[] _tags =
        [.. tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => (tag.Key, tag.Value))];

    /// <param name="writer">Has begun a point.</param>
    /// <param name="own">The point's own tags, sorted by key.</param>
    public void Write(LineProtocolWriter writer, params ReadOnlySpan<(string Key, string Value)> own)
    {
        int next = 0;
        foreach ((string key, string value) in own)
        {
            for (; next < _tags.Length && string.CompareOrdinal(_tags[next].Key, key) < 0; next++)
            {
                writer.Tag(_tags[next].Key, _tags[next].Value);
            }

            writer.Tag(key, value);
        }

        for (; next < _tags.Length; next++)
        {
            writer.Tag(_tags[next].Key, _tags[next].Value);
        }
    }
}
