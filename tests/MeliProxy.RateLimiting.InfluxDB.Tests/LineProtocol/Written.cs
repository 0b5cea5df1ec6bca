using System.Buffers;
using System.Text;
using MeliProxy.RateLimiting.InfluxDB.LineProtocol;

namespace MeliProxy.RateLimiting.InfluxDB.Tests.LineProtocol;

/// <summary>What a writer wrote, as text.</summary>
internal static class Written
{
    public static readonly DateTimeOffset Second7 = DateTimeOffset.UnixEpoch.AddSeconds(7);

    /// <summary>One point of measurement <c>m</c> at second 7, without its fixed parts.</summary>
    public static string Point(Action<LineProtocolWriter> content, string measurement = "m") => Lines(writer =>
    {
        writer.BeginPoint(measurement);
        content(writer);
        writer.EndPoint(Second7);
    });

    /// <summary>Writes the point <c>m f=1i</c> at an instant.</summary>
    public static Action<LineProtocolWriter> PointAt(DateTimeOffset instant) => writer =>
    {
        writer.BeginPoint("m");
        writer.IntegerField("f", 1);
        writer.EndPoint(instant);
    };

    public static string Lines(Action<LineProtocolWriter> content, TimestampPrecision precision = TimestampPrecision.Seconds)
    {
        var output = new ArrayBufferWriter<byte>();
        content(new LineProtocolWriter(output, precision));
        return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output.WrittenSpan);
    }
}
