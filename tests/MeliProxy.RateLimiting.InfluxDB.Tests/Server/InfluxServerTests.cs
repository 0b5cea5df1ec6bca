using System.Globalization;
using System.Text.Json;
using CsCheck;
using MeliProxy.RateLimiting.InfluxDB.LineProtocol;
using MeliProxy.RateLimiting.InfluxDB.Tests.LineProtocol;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.Server;

/// <summary>What the writer writes, stored by a real server and read back.</summary>
public sealed class InfluxServerTests(InfluxServer server)
{
    private static readonly Gen<string> GenText =
        Gen.OneOfConst('a', '\\', '\\', ',', '=', '"', ' ', '\'', '#', '\n', '\r', '\t', '\0', 'é', '分', '＼', '\ud83d', '\ude00')
            .Array[1, 12].Select(characters => new string(characters));

    [Fact]
    public async Task Nasty_tag_values_are_read_back() => await RoundTrip(
        (writer, nasty) => writer.Tag("t", nasty.Given), (point, nasty) => Assert.Equal(nasty.Tag, point.Tags["t"]));

    [Fact]
    public async Task Nasty_tag_keys_are_read_back() => await RoundTrip(
        (writer, nasty) => writer.Tag(nasty.Given, "v"), (point, nasty) => Assert.Equal("v", point.Tags[nasty.TagKey]));

    [Fact]
    public async Task Nasty_field_keys_are_read_back() => await RoundTrip(
        (writer, nasty) => writer.BooleanField(nasty.Given, true), (point, nasty) => Assert.True(point.Fields[nasty.FieldKey].GetBoolean()));

    [Fact]
    public async Task Nasty_string_values_are_read_back_exactly() => await RoundTrip(
        (writer, nasty) => writer.StringField("s", nasty.Given),
        (point, nasty) => Assert.Equal(nasty.FieldValue, point.Fields["s"].GetString()));

    [Fact]
    public async Task Nasty_measurements_are_read_back()
    {
        IReadOnlyList<StoredPoint> points = await WriteAsync(writer =>
        {
            for (int i = 0; i < NastyText.All.Count; i++)
            {
                writer.BeginPoint(NastyText.All[i].Given);
                writer.IntegerField("id", i);
                writer.EndPoint(Written.Second7);
            }
        });

        // Different texts may become one measurement, and then the later point replaces the earlier one.
        Dictionary<string, long> expected = [];
        for (int i = 0; i < NastyText.All.Count; i++)
        {
            expected[NastyText.All[i].Measurement] = i;
        }

        Assert.Equal(expected, points.ToDictionary(point => point.Measurement, point => point.Fields["id"].GetInt64()));
    }

    [Fact]
    public async Task Any_text_in_any_place_is_read_back_and_harms_no_other_point()
    {
        const int Batch = 250;
        await Gen.Select(GenText, GenText, GenText, GenText, GenText, (a, b, c, d, e) => new Texts(a, b, c, d, e))
            .Array[Batch].SampleAsync(RoundTrip, iter: 4, threads: 1);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(0)]
    public async Task Integers_are_read_back(long value)
    {
        StoredPoint point = Assert.Single(await WriteAsync(writer => Point(writer, () => writer.IntegerField("f", value))));

        Assert.Equal(value, point.Fields["f"].GetInt64());
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(-1e20)]
    [InlineData(1e21)]
    [InlineData(double.MaxValue)]
    [InlineData(double.MinValue)]
    [InlineData(double.Epsilon)]
    [InlineData(1.0 / 3)]
    [InlineData(-0.0)]
    public async Task Floats_are_read_back(double value)
    {
        StoredPoint point = Assert.Single(await WriteAsync(writer => Point(writer, () => writer.FloatField("f", value))));

        Assert.Equal(value, point.Fields["f"].GetDouble());
    }

    [Fact]
    public async Task What_is_left_out_leaves_the_rest_of_the_point_and_the_batch_whole()
    {
        IReadOnlyList<StoredPoint> points = await WriteAsync(writer =>
        {
            Point(writer, () => writer.FloatField("f", double.NaN));
            Point(writer, () =>
            {
                writer.Tag("t", "");
                writer.Tag("", "v");
                writer.Tag("time", "noon");
                writer.FloatField("f", double.PositiveInfinity);
                writer.StringField("", "nameless");
                writer.StringField("empty", "");
                writer.BooleanField("time", false);
            });
        });

        StoredPoint point = Assert.Single(points);
        Assert.Equal([KeyValuePair.Create("time_", "noon")], point.Tags);

        // A query names a field apart from the tag of the same name.
        Assert.Equal(2, point.Fields.Count);
        Assert.Equal("", point.Fields["empty"].GetString());
        Assert.False(Assert.Single(point.Fields, field => field.Key.StartsWith("time_", StringComparison.Ordinal)).Value.GetBoolean());
    }

    [Theory]
    [InlineData(TimestampPrecision.Nanoseconds, 1_700_000_000_123_456_700)]
    [InlineData(TimestampPrecision.Microseconds, 1_700_000_000_123_456_000)]
    [InlineData(TimestampPrecision.Milliseconds, 1_700_000_000_123_000_000)]
    [InlineData(TimestampPrecision.Seconds, 1_700_000_000_000_000_000)]
    public async Task Timestamps_are_read_in_the_precision_they_were_written(TimestampPrecision precision, long expected) =>
        Assert.Equal(expected, await TimestampAsync(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddTicks(1_234_567), precision));

    [Theory]
    [InlineData(92_233_720_368_547_758)]
    [InlineData(-92_233_720_368_547_758)]
    public async Task The_last_and_the_first_timestamp_are_read_back(long ticks) =>
        Assert.Equal(ticks * 100, await TimestampAsync(DateTimeOffset.UnixEpoch.AddTicks(ticks), TimestampPrecision.Nanoseconds));

    private static void Point(LineProtocolWriter writer, Action content)
    {
        writer.BeginPoint("m");
        content();
        writer.EndPoint(Written.Second7);
    }

    /// <summary>What the documentation of the writer says about names, said once more.</summary>
    private static string Stored(string text, string unescapedByServer)
    {
        IEnumerable<string> characters = text.Select((character, i) => character switch
        {
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\0' => "\\0",
            '\\' when i + 1 == text.Length || unescapedByServer.Contains(text[i + 1], StringComparison.Ordinal) => "＼",
            _ => character.ToString(),
        });
        return NastyText.WellFormed(string.Concat(characters));
    }

    private async Task<long> TimestampAsync(DateTimeOffset instant, TimestampPrecision precision)
    {
        IReadOnlyList<StoredPoint> points = await WriteAsync(Written.PointAt(instant), precision);
        return Assert.Single(points).Nanoseconds;
    }

    /// <summary>Writes every nasty text in one batch, a point and a measurement for each, and checks each point.</summary>
    private async Task RoundTrip(Action<LineProtocolWriter, NastyText> content, Action<StoredPoint, NastyText> check)
    {
        IReadOnlyList<StoredPoint> points = await WriteAsync(writer =>
        {
            for (int i = 0; i < NastyText.All.Count; i++)
            {
                writer.BeginPoint(string.Create(CultureInfo.InvariantCulture, $"m{i}"));
                content(writer, NastyText.All[i]);
                writer.IntegerField("id", i);
                writer.EndPoint(Written.Second7);
            }
        });

        Assert.Equal(NastyText.All.Count, points.Count);
        Assert.All(points, point =>
        {
            NastyText nasty = NastyText.All[(int)point.Fields["id"].GetInt64()];
            Assert.True(point.Tags.Count + point.Fields.Count == 2, $"{point} has more or less than was written.");
            check(point, nasty);
        });
    }

    /// <summary>Writes one point for each of the texts and checks every point.</summary>
    private async Task RoundTrip(Texts[] texts)
    {
        IReadOnlyList<StoredPoint> points = await WriteAsync(writer =>
        {
            for (int i = 0; i < texts.Length; i++)
            {
                writer.BeginPoint(string.Create(CultureInfo.InvariantCulture, $"m{i}{texts[i].Measurement}"));
                writer.Tag("t" + texts[i].TagKey, texts[i].TagValue);
                writer.StringField("f" + texts[i].FieldKey, texts[i].FieldValue);
                writer.IntegerField("id", i);
                writer.EndPoint(Written.Second7);
            }
        });

        Assert.Equal(texts.Length, points.Count);
        foreach (StoredPoint point in points)
        {
            int i = (int)point.Fields["id"].GetInt64();
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"m{i}{Stored(texts[i].Measurement, ",= \"")}"), point.Measurement);
            KeyValuePair<string, string> tag = Assert.Single(point.Tags);
            Assert.Equal("t" + Stored(texts[i].TagKey, ",= "), tag.Key);
            Assert.Equal(Stored(texts[i].TagValue, ",= "), tag.Value);
            KeyValuePair<string, JsonElement> field = Assert.Single(point.Fields, field => field.Key != "id");
            Assert.Equal("f" + Stored(texts[i].FieldKey, ",= \""), field.Key);
            Assert.Equal(NastyText.WellFormed(texts[i].FieldValue), field.Value.GetString());
        }
    }

    private Task<IReadOnlyList<StoredPoint>> WriteAsync(
        Action<LineProtocolWriter> content, TimestampPrecision precision = TimestampPrecision.Seconds) =>
        server.WriteAndReadBackAsync(precision, content, TestContext.Current.CancellationToken);

    private sealed record Texts(string Measurement, string TagKey, string TagValue, string FieldKey, string FieldValue);
}
