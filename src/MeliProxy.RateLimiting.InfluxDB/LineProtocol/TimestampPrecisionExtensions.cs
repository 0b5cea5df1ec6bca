namespace MeliProxy.RateLimiting.InfluxDB.LineProtocol;

/// <summary>How a <see cref="TimestampPrecision"/> is named in a request.</summary>
public static class TimestampPrecisionExtensions
{
    /// <summary>
    /// The value of the <c>precision</c> parameter of the endpoint <c>/write</c> (InfluxDB 1.x and what is compatible with it).
    /// </summary>
    /// <remarks>
    /// Microseconds are <c>u</c>: this endpoint takes the <c>us</c> of later versions without complaint and reads nanoseconds.
    /// </remarks>
    /// <param name="precision">The precision.</param>
    /// <returns><c>ns</c>, <c>u</c>, <c>ms</c> or <c>s</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of the enumeration.</exception>
    public static string ToWriteParameter(this TimestampPrecision precision) => precision switch
    {
        TimestampPrecision.Nanoseconds => "ns",
        TimestampPrecision.Microseconds => "u",
        TimestampPrecision.Milliseconds => "ms",
        TimestampPrecision.Seconds => "s",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "Not a precision."),
    };
}
