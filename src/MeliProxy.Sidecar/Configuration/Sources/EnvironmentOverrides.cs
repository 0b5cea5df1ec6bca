using System.Globalization;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Configuration.Keys;

namespace MeliProxy.Sidecar.Configuration.Sources;

/// <summary>
/// Lays environment variables such as <c>MELIPROXY__RULES__0__LIMIT</c> over a tree. An empty variable stands for <c>null</c>.
/// </summary>
internal static class EnvironmentOverrides
{
    public const string Prefix = "MELIPROXY__";

    private const string Separator = "__";

    public static void Apply(IReadOnlyDictionary<string, string> environment, ConfigurationTree tree)
    {
        Dictionary<string, string> setBy = new(StringComparer.Ordinal);
        foreach (string variable in environment.Keys
            .Where(name => name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            .Order(Comparer<string>.Create(CompareNames)))
        {
            ConfigurationOrigin origin = ConfigurationOrigin.Variable(variable);
            string text = environment[variable];
            string? path = TreeOverride.Apply(tree, variable[Prefix.Length..].Split(Separator), key => ToValue(text, key), origin);
            if (path is not null && !setBy.TryAdd(path, variable))
            {
                tree.AddError(path, $"is set by {setBy[path]} too", origin);
            }
        }
    }

    /// <summary>Puts items of a list in the order of their positions, so that a list can be made from its first item on.</summary>
    private static int CompareNames(string x, string y)
    {
        string[] left = x.Split(Separator);
        string[] right = y.Split(Separator);
        for (int i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            int order = int.TryParse(left[i], NumberStyles.None, CultureInfo.InvariantCulture, out int l)
                && int.TryParse(right[i], NumberStyles.None, CultureInfo.InvariantCulture, out int r)
                ? l.CompareTo(r)
                : StringComparer.OrdinalIgnoreCase.Compare(left[i], right[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : StringComparer.Ordinal.Compare(x, y);
    }

    /// <summary>A value of the setting's type; if the text is none, the text, which reading then refuses.</summary>
    private static JsonValue? ToValue(string text, KnownKey key) => key.Kind switch
    {
        _ when text.Length == 0 => null,
        KeyKind.Boolean when bool.TryParse(text, out bool value) => JsonValue.Create(value),
        KeyKind.Number when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) =>
            JsonValue.Create(value),
        KeyKind.Number when decimal.TryParse(
            text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value) =>
            JsonValue.Create(value),
        _ => JsonValue.Create(text),
    };
}
