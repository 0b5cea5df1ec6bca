using System.Globalization;

namespace MeliProxy.RateLimiting.AspNetCore.Responses;

/// <summary>Seconds as headers say them. The most recent ones are kept, as the same few come again and again.</summary>
internal static class Seconds
{
    private const int Kept = 256;

    private static readonly Formatted?[] Recent = new Formatted?[Kept];

    public static long Ceiling(TimeSpan time) => (time.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;

    public static string Format(long seconds)
    {
        ref Formatted? kept = ref Recent[(uint)seconds % Kept];
        Formatted? formatted = Volatile.Read(ref kept);
        if (formatted is null || formatted.Seconds != seconds)
        {
            formatted = new Formatted(seconds, seconds.ToString(CultureInfo.InvariantCulture));
            Volatile.Write(ref kept, formatted);
        }

        return formatted.Text;
    }

    private sealed record Formatted(long Seconds, string Text);
}
