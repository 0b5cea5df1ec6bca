using System.Buffers;
using System.Globalization;

namespace MeliProxy.RateLimiting.InfluxDB.LineProtocol;

/// <summary>
/// Writes points in InfluxDB line protocol, as UTF-8, into a buffer: begin a point, add its tags, then its fields, end it.
/// Any text is accepted: a point never makes the server refuse it, or its neighbours in the batch, because of a character.
/// </summary>
/// <remarks>
/// <para>
/// The values of string fields come back from the server exactly as given. So do measurements, tags and field keys, except
/// for what these places cannot hold:
/// </para>
/// <list type="bullet">
/// <item>a line feed, carriage return, tab or NUL becomes the two characters <c>\n</c>, <c>\r</c>, <c>\t</c>, <c>\0</c>;</item>
/// <item>a backslash at the end, or before a comma, space or equals sign (in measurements and field keys also before a double
/// quote), becomes U+FF3C, the fullwidth backslash;</item>
/// <item>a number sign at the start of a measurement, which would make the line a comment, becomes U+FF03, its fullwidth form;</item>
/// <item>a tag or field called <c>time</c>, which is reserved, is called <c>time_</c>.</item>
/// </list>
/// <para>
/// A lone surrogate, which UTF-8 cannot hold anywhere, becomes U+FFFD. Left out are tags and fields with an empty key, tags
/// with an empty value, and fields that are not finite numbers.
/// </para>
/// <para>
/// The tag keys of one point must differ, and so must its field keys; sorted tags cost the server least. A point reaches the
/// buffer as a whole, when it ends. Writing allocates nothing once the writer has seen its longest point. An instance is for
/// one thread at a time.
/// </para>
/// </remarks>
public sealed class LineProtocolWriter
{
    private const int LongestNumber = 32;

    private readonly IBufferWriter<byte> _output;

    // What was advanced in the output cannot be taken back, and only the end of a point tells whether it has a field.
    private readonly ArrayBufferWriter<byte> _point = new(256);

    private PointPart _part;

    /// <summary>Creates a writer.</summary>
    /// <param name="output">Where finished points go.</param>
    /// <param name="precision">The unit of all timestamps; the request that sends the buffer must name the same.</param>
    /// <exception cref="ArgumentNullException"><paramref name="output"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="precision"/> is not a member of the enumeration.</exception>
    public LineProtocolWriter(IBufferWriter<byte> output, TimestampPrecision precision)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (precision is < TimestampPrecision.Nanoseconds or > TimestampPrecision.Seconds)
        {
            throw new ArgumentOutOfRangeException(nameof(precision), precision, "Not a precision.");
        }

        _output = output;
        Precision = precision;
    }

    /// <summary>The unit in which timestamps are written.</summary>
    public TimestampPrecision Precision { get; }

    /// <summary>Begins a point. A point begun before and not ended is discarded.</summary>
    /// <param name="measurement">The measurement; not empty.</param>
    /// <exception cref="ArgumentException"><paramref name="measurement"/> is empty.</exception>
    public void BeginPoint(ReadOnlySpan<char> measurement)
    {
        _part = PointPart.None;
        if (measurement.IsEmpty)
        {
            throw new ArgumentException("A measurement must not be empty.", nameof(measurement));
        }

        _point.ResetWrittenCount();
        if (measurement[0] == '#')
        {
            _point.Write("\uFF03"u8);
            measurement = measurement[1..];
        }

        NameEscaping.Measurement.Write(measurement, _point);
        _part = PointPart.Tags;
    }

    /// <summary>Adds a tag. It is left out if its key or its value is empty.</summary>
    /// <param name="key">The key, once per point.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">No point was begun, or it has a field already.</exception>
    public void Tag(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        if (_part != PointPart.Tags)
        {
            throw new InvalidOperationException("A tag belongs between the beginning of a point and its first field.");
        }

        if (key.IsEmpty || value.IsEmpty)
        {
            return;
        }

        _point.Write(","u8);
        WriteKey(key, NameEscaping.Tag);
        NameEscaping.Tag.Write(value, _point);
    }

    /// <summary>Adds a field that holds an integer. It is left out if its key is empty.</summary>
    /// <param name="key">The key, once per point.</param>
    /// <param name="value">The value, any.</param>
    /// <exception cref="InvalidOperationException">No point was begun.</exception>
    public void IntegerField(ReadOnlySpan<char> key, long value)
    {
        if (TryBeginField(key))
        {
            WriteInteger(value);
            _point.Write("i"u8);
        }
    }

    /// <summary>Adds a field that holds a floating-point number. It is left out if its key is empty or the value not finite.</summary>
    /// <param name="key">The key, once per point.</param>
    /// <param name="value">The value; written so that it reads back as the same number.</param>
    /// <exception cref="InvalidOperationException">No point was begun.</exception>
    public void FloatField(ReadOnlySpan<char> key, double value)
    {
        // The key is not asked first: a call out of turn is an error whatever the value.
        if (TryBeginField(double.IsFinite(value) ? key : []))
        {
            value.TryFormat(_point.GetSpan(LongestNumber), out int written, default, CultureInfo.InvariantCulture);
            _point.Advance(written);
        }
    }

    /// <summary>Adds a field that holds a text. It is left out if its key is empty.</summary>
    /// <param name="key">The key, once per point.</param>
    /// <param name="value">The value, any; an empty one is kept. InfluxDB 1.x documents a limit of 64 KB.</param>
    /// <exception cref="InvalidOperationException">No point was begun.</exception>
    public void StringField(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
    {
        if (TryBeginField(key))
        {
            QuotedText.Write(value, _point);
        }
    }

    /// <summary>Adds a field that holds a truth value. It is left out if its key is empty.</summary>
    /// <param name="key">The key, once per point.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="InvalidOperationException">No point was begun.</exception>
    public void BooleanField(ReadOnlySpan<char> key, bool value)
    {
        if (TryBeginField(key))
        {
            _point.Write(value ? "true"u8 : "false"u8);
        }
    }

    /// <summary>Ends the point and hands it to the buffer, unless no field was left in it: servers refuse such a point.</summary>
    /// <param name="timestamp">The point's time, rounded down to <see cref="Precision"/>.</param>
    /// <returns>Whether the point was written.</returns>
    /// <exception cref="InvalidOperationException">No point was begun.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="timestamp"/> is outside what the server can store, about the years 1678 to 2262. Nothing was written.
    /// </exception>
    public bool EndPoint(DateTimeOffset timestamp)
    {
        PointPart part = _part;
        ThrowIfNoPoint();
        _part = PointPart.None;
        long units = UnixTime.InUnits(timestamp, Precision);
        if (part != PointPart.Fields)
        {
            return false;
        }

        _point.Write(" "u8);
        WriteInteger(units);
        _point.Write("\n"u8);
        _output.Write(_point.WrittenSpan);
        return true;
    }

    private bool TryBeginField(ReadOnlySpan<char> key)
    {
        ThrowIfNoPoint();
        if (key.IsEmpty)
        {
            return false;
        }

        _point.Write(_part == PointPart.Tags ? " "u8 : ","u8);
        _part = PointPart.Fields;
        WriteKey(key, NameEscaping.FieldKey);
        return true;
    }

    private void WriteKey(ReadOnlySpan<char> key, NameEscaping escaping)
    {
        escaping.Write(key is "time" ? "time_" : key, _point);
        _point.Write("="u8);
    }

    private void WriteInteger(long value)
    {
        value.TryFormat(_point.GetSpan(LongestNumber), out int written, default, CultureInfo.InvariantCulture);
        _point.Advance(written);
    }

    private void ThrowIfNoPoint()
    {
        if (_part == PointPart.None)
        {
            throw new InvalidOperationException("No point was begun.");
        }
    }
}
