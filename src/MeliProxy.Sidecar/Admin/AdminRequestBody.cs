using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using MeliProxy.RateLimiting.Control;
using MeliProxy.Sidecar.Control;

namespace MeliProxy.Sidecar.Admin;

/// <summary>Puts the body of a command together: from the body of a request and from what its path, query and headers say.</summary>
internal static class AdminRequestBody
{
    /// <summary>The longest body of a request, in bytes.</summary>
    public const int MaxLength = RuleControl.MaxBodyLength;

    /// <summary>Makes the body of a command that only reads.</summary>
    /// <param name="query">The query, whose members are named as those of the command.</param>
    /// <param name="path">What the path says.</param>
    public static ReadOnlyMemory<byte> OfQuery(IQueryCollection query, IReadOnlyList<(string Name, object Value)> path) => Write(writer =>
    {
        WritePath(writer, path);
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in query)
        {
            // A name that is given twice is given to the command twice, which says so.
            foreach (string? value in values)
            {
                if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && IsNumber(name))
                {
                    writer.WriteNumber(name, number);
                }
                else
                {
                    writer.WriteString(name, value);
                }
            }
        }
    });

    /// <summary>Makes the body of a command that changes something.</summary>
    /// <param name="body">The body of the request.</param>
    /// <param name="path">What the path says, which the body may leave out or say as well.</param>
    /// <param name="expectedRevision">What a header says; <see langword="null"/>: nothing.</param>
    /// <param name="contradiction">The member in which body and path differ, if there is one.</param>
    public static ReadOnlyMemory<byte> OfBody(
        ReadOnlyMemory<byte> body, IReadOnlyList<(string Name, object Value)> path, long? expectedRevision, out string? contradiction)
    {
        contradiction = null;
        if (TryParse(body) is not { } document)
        {
            // Whoever reads the command says what is wrong with it.
            return body;
        }

        using (document)
        {
            JsonProperty[] members = [.. document.RootElement.EnumerateObject()];
            List<(string Name, object Value)> missing = [];
            foreach ((string name, object value) in path)
            {
                JsonProperty[] said = [.. members.Where(member => member.NameEquals(name))];
                if (said.Length == 0)
                {
                    missing.Add((name, value));
                }
                else if (said.Any(member => !IsSame(member.Value, value)))
                {
                    contradiction = name;
                }
            }

            if (expectedRevision is { } revision)
            {
                missing.Add(("expectedRevision", revision));
            }

            // As they are written, so that whatever is wrong with them is found by whoever reads them.
            string added = Encoding.UTF8.GetString(Write(writer => WritePath(writer, missing)).Span)[1..^1];
            IEnumerable<string> all = members.Select(member => member.ToString()).Prepend(added).Where(text => text.Length > 0);
            return Encoding.UTF8.GetBytes($"{{{string.Join(',', all)}}}");
        }
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> body)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return null;
        }

        try
        {
            JsonDocument document = JsonDocument.Parse(body.IsEmpty ? "{}"u8.ToArray() : body, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().All(IsText))
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
        }

        return null;
    }

    /// <summary>Whether a name can be read at all: JSON can hold half a surrogate pair, and a string cannot.</summary>
    private static bool IsText(JsonProperty member)
    {
        try
        {
            return member.Name.Length >= 0;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsSame(JsonElement said, object value) => value switch
    {
        string text => ReportReading.Text(said) == text,
        long number => said.ValueKind == JsonValueKind.Number && said.TryGetInt64(out long given) && given == number,
        IReadOnlyList<string> parts => said.ValueKind == JsonValueKind.Array
            && said.GetArrayLength() == parts.Count
            && said.EnumerateArray().Zip(parts).All(pair => IsSame(pair.First, pair.Second)),
        _ => false,
    };

    private static bool IsNumber(string name) => name is "limit" or "before" or "n" or "schema";

    private static void WritePath(Utf8JsonWriter writer, IReadOnlyList<(string Name, object Value)> path)
    {
        foreach ((string name, object value) in path)
        {
            switch (value)
            {
                case long number:
                    writer.WriteNumber(name, number);
                    break;
                case IReadOnlyList<string> parts:
                    writer.WriteStartArray(name);
                    foreach (string part in parts)
                    {
                        writer.WriteStringValue(part);
                    }

                    writer.WriteEndArray();
                    break;
                default:
                    writer.WriteString(name, (string)value);
                    break;
            }
        }
    }

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
