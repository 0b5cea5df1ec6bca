using System.Globalization;
using System.Text.RegularExpressions;

namespace MeliProxy.Dashboards.Tests.Chronograf;

/// <summary>
/// Puts values in the place of a query's variables, as Chronograf does in the browser: one that stands for others before those; the value of
/// a tag bare within a regular expression and quoted elsewhere; text as it is; the interval last, so that about 360 points are shown.
/// </summary>
internal sealed partial class QueryRendering(Dashboard dashboard, IReadOnlyDictionary<string, string> chosen)
{
    private const int PointsShown = 360;

    /// <param name="query">The query.</param>
    /// <param name="range">How long the time is that the dashboard shows, up to now.</param>
    public string Render(string query, TimeSpan range)
    {
        string text = query;
        foreach (DashboardVariable variable in dashboard.Templates.OrderByDescending(RefersToOthers))
        {
            text = Replace(text, variable);
        }

        return text
            .Replace(":dashboardTime:", $"now() - {range.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s", StringComparison.Ordinal)
            .Replace(":upperDashboardTime:", "now()", StringComparison.Ordinal)
            .Replace(":interval:", $"{Math.Round(range.TotalMilliseconds / PointsShown)}ms", StringComparison.Ordinal);
    }

    private static bool RefersToOthers(DashboardVariable variable) => variable.Values.Any(value => value.Value.Contains(':', StringComparison.Ordinal));

    private string Replace(string text, DashboardVariable variable)
    {
        if (!text.Contains(variable.TempVar, StringComparison.Ordinal))
        {
            return text;
        }

        if (variable.Type == "map")
        {
            VariableValue value = chosen.TryGetValue(variable.TempVar, out string? key)
                ? variable.Values.Single(value => value.Key == key)
                : variable.Values.Single(value => value.Selected);
            return text.Replace(variable.TempVar, value.Value, StringComparison.Ordinal);
        }

        Assert.Equal("tagValues", variable.Type);
        string tag = chosen[variable.TempVar];
        return RegularExpression()
            .Replace(text, expression => expression.Value.Replace(variable.TempVar, tag, StringComparison.Ordinal))
            .Replace(variable.TempVar, $"'{tag}'", StringComparison.Ordinal);
    }

    [GeneratedRegex("[=!]~ */[^/]*/")]
    private static partial Regex RegularExpression();
}
