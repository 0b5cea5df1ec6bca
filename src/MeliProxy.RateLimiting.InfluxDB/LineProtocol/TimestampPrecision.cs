namespace MeliProxy.RateLimiting.InfluxDB.LineProtocol;

/// <summary>The unit in which the timestamps of a batch are written. The server is told it once per request.</summary>
public enum TimestampPrecision
{
    /// <summary>Billionths of a second, what a server assumes when it is told nothing.</summary>
    Nanoseconds,

    /// <summary>Millionths of a second.</summary>
    Microseconds,

    /// <summary>Thousandths of a second.</summary>
    Milliseconds,

    /// <summary>Seconds.</summary>
    Seconds,
}
