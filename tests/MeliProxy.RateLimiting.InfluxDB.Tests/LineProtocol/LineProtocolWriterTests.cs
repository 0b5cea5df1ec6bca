using System.Buffers;
using MeliProxy.RateLimiting.InfluxDB.LineProtocol;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.LineProtocol;

public sealed class LineProtocolWriterTests
{
    [Fact]
    public void A_point_is_one_line_of_measurement_tags_fields_and_timestamp()
    {
        string line = Written.Point(
            writer =>
            {
                writer.Tag("node", "n1");
                writer.Tag("rule", "per-ip");
                writer.IntegerField("total", 12);
                writer.FloatField("used_pct", 99.5);
                writer.StringField("pkey", "10.0.0.1");
                writer.BooleanField("up", true);
                writer.BooleanField("down", false);
            },
            "ratelimit_rule");

        Assert.Equal("ratelimit_rule,node=n1,rule=per-ip total=12i,used_pct=99.5,pkey=\"10.0.0.1\",up=true,down=false 7\n", line);
    }

    [Fact]
    public void A_point_needs_no_tag() => Assert.Equal("m f=1i 7\n", Written.Point(writer => writer.IntegerField("f", 1)));

    [Fact]
    public void Points_follow_one_another_and_share_nothing()
    {
        string lines = Written.Lines(writer =>
        {
            writer.BeginPoint("a");
            writer.Tag("t", "1");
            writer.IntegerField("f", 1);
            Assert.True(writer.EndPoint(Written.Second7));
            writer.BeginPoint("b");
            writer.IntegerField("g", 2);
            Assert.True(writer.EndPoint(Written.Second7.AddSeconds(1)));
        });

        Assert.Equal("a,t=1 f=1i 7\nb g=2i 8\n", lines);
    }

    [Theory]
    [InlineData("a,b c=d", "a\\,b\\ c\\=d")]
    [InlineData("\\", "＼")]
    [InlineData("a\\b", "a\\b")]
    [InlineData("a\\,b", "a＼\\,b")]
    [InlineData("a\\\\ b", "a\\＼\\ b")]
    [InlineData("a\\\"b", "a\\\"b")]
    [InlineData("\"", "\"")]
    [InlineData("l\nr\rt\t0\0", "l\\nr\\rt\\t0\\0")]
    [InlineData("#", "#")]
    [InlineData("time", "time")]
    public void Tag_values_are_escaped(string value, string expected) =>
        Assert.Equal($"m,t={expected} f=1i 7\n", Written.Point(writer =>
        {
            writer.Tag("t", value);
            writer.IntegerField("f", 1);
        }));

    [Theory]
    [InlineData("a,b c=d", "a\\,b\\ c\\=d")]
    [InlineData("a\\", "a＼")]
    [InlineData("a\n", "a\\n")]
    [InlineData("time", "time_")]
    public void Tag_keys_are_escaped(string key, string expected) =>
        Assert.Equal($"m,{expected}=v f=1i 7\n", Written.Point(writer =>
        {
            writer.Tag(key, "v");
            writer.IntegerField("f", 1);
        }));

    [Theory]
    [InlineData("a,b c=d", "a\\,b\\ c\\=d")]
    [InlineData("a\\", "a＼")]
    [InlineData("a\\\"b\"", "a＼\"b\"")]
    [InlineData("a\n", "a\\n")]
    [InlineData("time", "time_")]
    public void Field_keys_are_escaped(string key, string expected) =>
        Assert.Equal($"m {expected}=1i 7\n", Written.Point(writer => writer.IntegerField(key, 1)));

    [Theory]
    [InlineData("a,b c=d", "a\\,b\\ c=d")]
    [InlineData("a\\", "a＼")]
    [InlineData("a\\=b\\\"", "a＼=b＼\"")]
    [InlineData("\t", "\\t")]
    [InlineData("#a#", "＃a#")]
    [InlineData("#\\", "＃＼")]
    [InlineData(" #", "\\ #")]
    public void Measurements_are_escaped(string measurement, string expected) =>
        Assert.Equal($"{expected} f=1i 7\n", Written.Point(writer => writer.IntegerField("f", 1), measurement));

    [Theory]
    [InlineData("", "")]
    [InlineData("a, b=c", "a, b=c")]
    [InlineData("\"\\", "\\\"\\\\")]
    [InlineData("a\n\r\t\0#", "a\n\r\t\0#")]
    public void String_values_escape_quotes_and_backslashes_only(string value, string expected) =>
        Assert.Equal($"m f=\"{expected}\" 7\n", Written.Point(writer => writer.StringField("f", value)));

    [Fact]
    public void Lone_surrogates_become_the_replacement_character_and_pairs_stay() =>
        Assert.Equal("m,t=\ufffd\\,\ufffd😀 f=\"\ufffd\\\"\ufffd😀\" 7\n", Written.Point(writer =>
        {
            writer.Tag("t", "\ud83d,\ude00😀");
            writer.StringField("f", "\ud83d\"\ude00😀");
        }));

    [Theory]
    [InlineData(0, "0i")]
    [InlineData(-1, "-1i")]
    [InlineData(long.MaxValue, "9223372036854775807i")]
    [InlineData(long.MinValue, "-9223372036854775808i")]
    public void Integers_have_the_suffix_i(long value, string expected) =>
        Assert.Equal($"m f={expected} 7\n", Written.Point(writer => writer.IntegerField("f", value)));

    [Theory]
    [InlineData(1.0, "1")]
    [InlineData(0.1, "0.1")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(1e20, "1E+20")]
    [InlineData(double.MaxValue, "1.7976931348623157E+308")]
    [InlineData(double.Epsilon, "5E-324")]
    public void Floats_have_no_suffix_and_read_back_the_same(double value, string expected) =>
        Assert.Equal($"m f={expected} 7\n", Written.Point(writer => writer.FloatField("f", value)));

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Fields_that_are_no_finite_number_are_left_out(double value) =>
        Assert.Equal("m g=1i 7\n", Written.Point(writer =>
        {
            writer.FloatField("f", value);
            writer.IntegerField("g", 1);
        }));

    [Fact]
    public void Empty_tags_and_nameless_tags_and_fields_are_left_out() =>
        Assert.Equal("m f=1i 7\n", Written.Point(writer =>
        {
            writer.Tag("t", "");
            writer.Tag("", "v");
            writer.IntegerField("", 1);
            writer.StringField("", "v");
            writer.BooleanField("", true);
            writer.FloatField("", 1.5);
            writer.IntegerField("f", 1);
        }));

    [Fact]
    public void A_point_with_no_field_left_is_not_written() =>
        Assert.Equal("m g=2i 7\n", Written.Lines(writer =>
        {
            writer.BeginPoint("m");
            writer.Tag("t", "v");
            writer.FloatField("f", double.NaN);
            Assert.False(writer.EndPoint(Written.Second7));
            writer.BeginPoint("m");
            Assert.False(writer.EndPoint(Written.Second7));
            writer.BeginPoint("m");
            writer.IntegerField("g", 2);
            Assert.True(writer.EndPoint(Written.Second7));
        }));

    [Fact]
    public void A_point_that_was_not_ended_is_discarded_by_the_next() =>
        Assert.Equal("b f=2i 7\n", Written.Lines(writer =>
        {
            writer.BeginPoint("a");
            writer.Tag("t", "v");
            writer.IntegerField("f", 1);
            writer.BeginPoint("b");
            writer.IntegerField("f", 2);
            writer.EndPoint(Written.Second7);
        }));

    [Fact]
    public void A_timestamp_out_of_range_writes_nothing_and_the_next_point_is_whole() =>
        Assert.Equal("b f=2i 7\n", Written.Lines(writer =>
        {
            writer.BeginPoint("a");
            writer.IntegerField("f", 1);
            Assert.Throws<ArgumentOutOfRangeException>(() => writer.EndPoint(DateTimeOffset.MaxValue));
            writer.BeginPoint("b");
            writer.IntegerField("f", 2);
            writer.EndPoint(Written.Second7);
        }));

    [Fact]
    public void An_empty_measurement_is_an_error() =>
        Assert.Equal("", Written.Lines(writer =>
        {
            Assert.Throws<ArgumentException>("measurement", () => writer.BeginPoint(""));
            Assert.Throws<InvalidOperationException>(() => writer.IntegerField("f", 1));
        }));

    [Fact]
    public void Calls_out_of_turn_are_errors() =>
        Assert.Equal("m f=1i 7\n", Written.Lines(writer =>
        {
            Assert.Throws<InvalidOperationException>(() => writer.Tag("t", "v"));
            Assert.Throws<InvalidOperationException>(() => writer.FloatField("f", double.NaN));
            Assert.Throws<InvalidOperationException>(() => writer.EndPoint(Written.Second7));
            writer.BeginPoint("m");
            writer.IntegerField("f", 1);
            Assert.Throws<InvalidOperationException>(() => writer.Tag("t", "v"));
            writer.EndPoint(Written.Second7);
            Assert.Throws<InvalidOperationException>(() => writer.EndPoint(Written.Second7));
        }));

    [Fact]
    public void An_unknown_precision_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            "precision", () => new LineProtocolWriter(new ArrayBufferWriter<byte>(), (TimestampPrecision)4));

    [Fact]
    public void Writing_allocates_nothing_in_steady_state()
    {
        var output = new ArrayBufferWriter<byte>(64 * 1024);
        var writer = new LineProtocolWriter(output, TimestampPrecision.Nanoseconds);
        long WriteAll(int times)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < times; i++)
            {
                output.ResetWrittenCount();
                writer.BeginPoint("#rate limit");
                writer.Tag("node", "é, 分类=😀\\\n");
                writer.IntegerField("total", long.MinValue);
                writer.FloatField("used", 1.2345678901234567e-300);
                writer.StringField("pkey", "\"a\\b\n\ud83d");
                writer.BooleanField("up", true);
                writer.EndPoint(Written.Second7);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        WriteAll(200);
        Assert.Equal(0, WriteAll(1000));
    }
}
