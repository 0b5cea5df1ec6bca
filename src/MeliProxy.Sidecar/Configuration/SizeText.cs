using System.Globalization;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>Sizes of files as settings name them: <c>256MB</c>, of 1,024 kB each.</summary>
internal static class SizeText
{
    private static readonly (string Unit, int Shift)[] Units = [("kB", 10), ("MB", 20), ("GB", 30)];

    /// <summary>Reads a size; false if it is none.</summary>
    public static bool TryParse(string text, out long size)
    {
        foreach ((string unit, int shift) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && long.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                && number <= long.MaxValue >> shift)
            {
                size = number << shift;
                return true;
            }
        }

        size = 0;
        return false;
    }
}
