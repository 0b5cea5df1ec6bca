using System.Globalization;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>Durations as people write them in configuration: a whole number and one of <c>ms s m h d</c>, such as <c>250ms</c>.</summary>
public static class DurationText
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads a duration such as <c>1s</c>, <c>250ms</c>, <c>15m</c>, <c>1h</c> or <c>30d</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The duration, or zero.</param>
    /// <returns>Whether the text is a duration that fits a <see cref="TimeSpan"/>.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan value)
    {
        value = default;
        int digits = text.IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return false;
        }

        foreach ((string unit, TimeSpan length) in Units)
        {
            if (text[digits..].SequenceEqual(unit))
            {
                if (number > TimeSpan.MaxValue.Ticks / length.Ticks)
                {
                    return false;
                }

                value = new TimeSpan(number * length.Ticks);
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes a duration in the largest unit that keeps it whole; what is finer than a millisecond is cut off.</summary>
    /// <param name="value">The duration, zero or more.</param>
    /// <returns>Text that <see cref="TryParse"/> reads.</returns>
    public static string Format(TimeSpan value)
    {
        (string unit, TimeSpan length) = Units[0];
        for (int i = Units.Length - 1; i > 0 && value > TimeSpan.Zero; i--)
        {
            if (value.Ticks % Units[i].Length.Ticks == 0)
            {
                (unit, length) = Units[i];
                break;
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value.Ticks / length.Ticks}{unit}");
    }
}
