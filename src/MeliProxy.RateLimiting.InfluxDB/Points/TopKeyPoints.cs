using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.InfluxDB.Points;

/// <summary>The keys that use each rule most. A key is a field, as a tag would make a series of each.</summary>
internal sealed class TopKeyPoints(CommonTags tags, InfluxDBSinkOptions options) : ISnapshotPoints
{
    private const int PseudonymLength = 22;

    private readonly InfluxDBKeyText _keyText = options.KeyText;
    private readonly byte[] _secret = Encoding.UTF8.GetBytes(options.KeySecret ?? "");

    public int Count(UsageSnapshot snapshot) => snapshot.TopKeys.Count;

    public void Write(UsageSnapshot snapshot, PointBatch batch)
    {
        Dictionary<string, int> ranks = new(StringComparer.Ordinal);
        foreach (TopKey top in snapshot.TopKeys)
        {
            int rank = ranks[top.Rule] = ranks.GetValueOrDefault(top.Rule) + 1;
            batch.Writer.BeginPoint("ratelimit_top");
            tags.Write(
                batch.Writer, ("node", snapshot.Node), ("rank", rank.ToString(CultureInfo.InvariantCulture)), ("rule", top.Rule));
            if (_keyText != InfluxDBKeyText.None)
            {
                string text = TextOf(top.Key);
                batch.Writer.StringField("pkey", _keyText == InfluxDBKeyText.Hmac ? PseudonymOf(text) : text);
            }

            batch.Writer.IntegerField("hits", top.Hits);
            batch.Writer.IntegerField("limited", top.Limited);
            batch.EndPoint(snapshot.To);
        }
    }

    private static string TextOf(IReadOnlyList<string> key) => string.Join('|', key.Select(Escape));

    private static string Escape(string part) =>
        part.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("|", @"\|", StringComparison.Ordinal);

    private string PseudonymOf(string text)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes(text), hash);
        return Base64Url.EncodeToString(hash)[..PseudonymLength];
    }
}
