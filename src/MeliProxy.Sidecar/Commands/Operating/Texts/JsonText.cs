using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>JSON as bytes to send, as lines to edit, and as a few words in a line.</summary>
internal static class JsonText
{
    private const int MaxLength = 200;

    // What people write, such as é and <, stays readable; control characters are escaped all the same.
    private static readonly JsonWriterOptions ForPeople = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(JsonObject value)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            value.WriteTo(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>JSON in several lines, in a form that can be edited and sent back.</summary>
    public static string Indented(Action<Utf8JsonWriter> write)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer, ForPeople))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>A value in a few words: lists with commas, objects with their members, and no quotation marks where none are needed.</summary>
    public static string Brief(JsonElement value, int maxLength = MaxLength)
    {
        StringBuilder text = new();
        Append(text, value, maxLength);
        return AnswerMembers.Printable(text.ToString(), maxLength);
    }

    private static void Append(StringBuilder text, JsonElement value, int maxLength)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                text.Append(Word(value.RawText() ?? "\uFFFD"));
                break;
            case JsonValueKind.Object:
                AppendMembers(text, value, maxLength);
                break;
            case JsonValueKind.Array:
                AppendItems(text, value, maxLength);
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void AppendMembers(StringBuilder text, JsonElement value, int maxLength)
    {
        string before = "{";
        foreach ((string name, JsonElement member) in value.Members())
        {
            if (text.Length > maxLength)
            {
                return;
            }

            text.Append(before).Append(name).Append(' ');
            Append(text, member, maxLength);
            before = ", ";
        }

        text.Append(before == "{" ? "{}" : "}");
    }

    private static void AppendItems(StringBuilder text, JsonElement value, int maxLength)
    {
        string before = "";
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (text.Length > maxLength)
            {
                return;
            }

            text.Append(before);
            Append(text, item, maxLength);
            before = ", ";
        }

        text.Append(before.Length == 0 ? "(empty)" : "");
    }

    /// <summary>A text as one word: in quotation marks if its end would not be seen.</summary>
    public static string Word(string text) =>
        text.Length == 0 || text.Any(c => char.IsWhiteSpace(c) || c is ',' or '"') ? $"\"{text}\"" : text;
}
