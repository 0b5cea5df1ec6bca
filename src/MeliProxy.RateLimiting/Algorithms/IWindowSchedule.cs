namespace MeliProxy.RateLimiting.Algorithms;

/// <summary>Tells when windows end.</summary>
internal interface IWindowSchedule
{
    /// <summary>
    /// The end of the window that holds <paramref name="now"/>, on the scale of <see cref="QuotaInstant.WallMilliseconds"/>; always later
    /// than <paramref name="now"/>.
    /// </summary>
    long EndMilliseconds(in QuotaInstant now);
}
