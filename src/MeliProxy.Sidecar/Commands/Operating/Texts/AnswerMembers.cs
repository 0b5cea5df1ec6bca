using System.Globalization;
using System.Text.Json;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>Reads answers that may come from another version or from anyone, so that anything may be missing or of another kind.</summary>
internal static class AnswerMembers
{
    /// <summary>Stands for what is missing.</summary>
    public const string Missing = "-";

    /// <summary>The longest name that the configuration takes; whoever tells of a longer one is not to spoil the table.</summary>
    public const int MaxNameLength = 64;

    public static JsonElement? Find(this JsonElement element, string name)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            // JSON can hold half a surrogate pair, also in names, and a string cannot.
            return null;
        }
    }

    public static JsonElement[] Items(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    /// <summary>A text as it is; <see langword="null"/> if there is none. Not to be printed.</summary>
    public static string? RawText(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The members by their names, as far as these are text.</summary>
    public static IEnumerable<(string Name, JsonElement Value)> Members(this JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (JsonProperty member in element.EnumerateObject())
        {
            string name;
            try
            {
                name = member.Name;
            }
            catch (InvalidOperationException)
            {
                name = "\uFFFD";
            }

            yield return (name, member.Value);
        }
    }

    /// <summary>A text that can be printed.</summary>
    public static string Text(this JsonElement element, string name, int maxLength = MaxNameLength) =>
        element.Find(name)?.RawText() is { } text ? Printable(text, maxLength) : Missing;

    public static string Printable(string text, int maxLength)
    {
        text = PrintableText.Of(text);
        return text.Length <= maxLength ? text : text[..maxLength] + '\u2026';
    }

    public static bool IsTrue(this JsonElement element, string name) => element.Find(name) is { ValueKind: JsonValueKind.True };

    public static long? Long(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out long value) ? value : null;

    public static double? Double(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out double value) ? value : null;

    public static string Number(this JsonElement element, string name) => element.Long(name) is { } value ? Count(value) : Missing;

    public static string Count(decimal value) => value.ToString(CultureInfo.InvariantCulture);
}
