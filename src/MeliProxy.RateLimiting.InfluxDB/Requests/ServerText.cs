using System.Globalization;
using System.Text;
using System.Text.Json;

namespace MeliProxy.RateLimiting.InfluxDB.Requests;

/// <summary>What a server says, made fit for a log: it may be anything, may repeat keys of requests, and may repeat what it was sent as secrets.</summary>
internal sealed class ServerText(InfluxDBSinkOptions options)
{
    private const int MaxLength = 300;
    private const char Ellipsis = '…';

    private readonly string[] _secrets =
        [.. new[] { options.Password, options.Token, options.KeySecret }.Where(secret => !string.IsNullOrEmpty(secret)).Select(secret => secret!)];

    /// <summary>The message within an answer's body: a member of JSON, or the text itself. Empty if there is none or it is a page.</summary>
    public static string MessageIn(ReadOnlyMemory<byte> body)
    {
        if (IsJson(body.Span))
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(body);
                foreach (string name in (ReadOnlySpan<string>)["error", "message"])
                {
                    if (document.RootElement.TryGetProperty(name, out JsonElement message) && message.ValueKind == JsonValueKind.String)
                    {
                        return $"{message.GetString()}{DataOf(document.RootElement)}";
                    }
                }

                return "";
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // Cut off or no JSON after all: shown as it is.
            }
        }

        string text = Encoding.UTF8.GetString(body.Span).Trim();
        return text.StartsWith('<') ? "" : text;
    }

    /// <summary>Whether it looks like an object of JSON.</summary>
    public static bool IsJson(ReadOnlySpan<byte> body) => body.TrimStart(" \r\n\t"u8).StartsWith("{"u8);

    /// <summary>Leaves out texts between double quotes that are values of fields, which may be keys, and secrets; one line, and not a long one.</summary>
    public string Readable(string text)
    {
        foreach (string secret in _secrets)
        {
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        }

        StringBuilder readable = new();
        for (int i = 0; i < text.Length && readable.Length < MaxLength; i++)
        {
            char c = text[i];

            // Characters for formatting could turn the line round on a terminal.
            bool isPlain = !char.IsControl(c) && !char.IsSurrogate(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format;
            readable.Append(isPlain ? c : ' ');
            if (c == '=' && string.CompareOrdinal(text, i + 1, "\\\"", 0, 2) == 0)
            {
                // JSON that was cut off, so where the text ends cannot be told.
                return readable.Append(Ellipsis).ToString();
            }

            if (c == '=' && i + 1 < text.Length && text[i + 1] == '"')
            {
                readable.Append('"').Append(Ellipsis).Append('"');
                i = EndOfQuoted(text, i + 2);
            }
        }

        return readable.Length < MaxLength ? readable.ToString() : $"{readable.ToString(0, MaxLength - 1)}{Ellipsis}";
    }

    /// <summary>What InfluxDB 3.x adds: the first of the lines that are refused, and why.</summary>
    private static string DataOf(JsonElement root) =>
        root.TryGetProperty("data", out JsonElement data) && data.ValueKind == JsonValueKind.Array && data.GetArrayLength() > 0
        && data[0].ValueKind == JsonValueKind.Object && data[0].TryGetProperty("error_message", out JsonElement first)
        && first.ValueKind == JsonValueKind.String
            ? $": {first.GetString()}"
            : "";

    private static int EndOfQuoted(string text, int start)
    {
        int i = start;
        while (i < text.Length && text[i] != '"')
        {
            i += text[i] == '\\' ? 2 : 1;
        }

        return i;
    }
}
