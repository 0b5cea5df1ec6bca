namespace OutgoingHttp;

/// <summary>
/// One item of the headers <c>RateLimit</c> or <c>RateLimit-Policy</c>; <see langword="null"/> for a parameter that is not there or is no
/// number.
/// </summary>
public sealed record RateLimitItem(string Name)
{
    /// <summary>Requests that are left; the parameter <c>r</c>.</summary>
    public long? Remaining { get; init; }

    /// <summary>Seconds until the quota is whole again; the parameter <c>t</c>.</summary>
    public long? ResetSeconds { get; init; }

    /// <summary>Requests in a window; the parameter <c>q</c>.</summary>
    public long? Quota { get; init; }

    /// <summary>The length of a window in seconds; the parameter <c>w</c>.</summary>
    public long? WindowSeconds { get; init; }
}
