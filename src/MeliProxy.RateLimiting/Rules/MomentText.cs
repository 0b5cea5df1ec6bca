using System.Globalization;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>Moments as JSON has them: ISO 8601 with an offset from UTC, such as <c>2026-01-31T12:00:00Z</c>.</summary>
internal static class MomentText
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF";

    public static bool TryParse(string text, out DateTimeOffset value)
    {
        value = default;

        // Without an offset it would be taken for a time of this machine's zone.
        bool hasOffset = text is [.., 'Z'] or [.., '+' or '-', _, _, ':', _, _];
        return hasOffset
            && DateTimeOffset.TryParseExact(text, $"{Form}K", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
    }

    /// <summary>Writes a moment in UTC.</summary>
    public static string Format(DateTimeOffset value) => value.UtcDateTime.ToString($"{Form}'Z'", CultureInfo.InvariantCulture);
}
