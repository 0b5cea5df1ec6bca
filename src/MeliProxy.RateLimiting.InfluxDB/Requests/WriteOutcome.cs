namespace MeliProxy.RateLimiting.InfluxDB.Requests;

/// <summary>What became of a request to write.</summary>
internal enum WriteOutcome
{
    /// <summary>All points are stored.</summary>
    Stored,

    /// <summary>Some points are refused for good, all others are stored.</summary>
    PartlyStored,

    /// <summary>Nothing is stored, for what is in the request.</summary>
    Refused,

    /// <summary>Nothing is stored, and less at a time may be.</summary>
    TooLarge,

    /// <summary>Nothing is stored until somebody changes settings, here or there.</summary>
    Denied,

    /// <summary>The server, or the way to it, is not able to take anything now.</summary>
    Unavailable,

    /// <summary>The server failed at this request, maybe for what is in it.</summary>
    Failed,
}
