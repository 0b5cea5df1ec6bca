namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>How finely a table of the store tells times apart.</summary>
/// <param name="Name">The end of the tables' names.</param>
/// <param name="Seconds">The length of what is one row, in seconds.</param>
internal sealed record Resolution(string Name, long Seconds)
{
    public static Resolution Second { get; } = new("second", 1);

    public static Resolution Minute { get; } = new("minute", 60);

    public static Resolution Hour { get; } = new("hour", 3600);

    /// <summary>All, the finest first.</summary>
    public static IReadOnlyList<Resolution> All { get; } = [Second, Minute, Hour];

    /// <summary>When the row began in which a moment is, both in Unix seconds.</summary>
    public long Floor(long moment) => moment - (moment % Seconds);
}
