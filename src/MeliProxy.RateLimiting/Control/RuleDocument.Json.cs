using System.Buffers;
using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <content>The document as JSON.</content>
public sealed partial class RuleDocument
{
    /// <summary>The form of documents and commands that this version writes and reads.</summary>
    internal const int Schema = 1;

    /// <summary>What all programs can count to that read JSON.</summary>
    internal const long MaxNumber = 1L << 53;

    private const int MaxDepth = 24;

    /// <summary>Reads a document that <see cref="Write"/> wrote.</summary>
    /// <param name="json">The document.</param>
    /// <returns>The document.</returns>
    /// <exception cref="InvalidDataException">It is none; says why.</exception>
    /// <exception cref="NotSupportedException">It is one of a later version; says which.</exception>
    public static RuleDocument Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxLength)
        {
            throw new InvalidDataException($"it is longer than {MaxLength} bytes");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is no JSON: {e.Message}", e);
        }
    }

    /// <summary>Writes the document as JSON.</summary>
    /// <param name="buffer">Where to.</param>
    public void Write(IBufferWriter<byte> buffer)
    {
        using Utf8JsonWriter writer = new(buffer, JsonText.Readable);
        writer.WriteStartObject();
        WriteMembers(writer);
        writer.WriteStartArray("history");
        foreach (AuditEntry entry in History)
        {
            entry.Write(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Takes a member that is a list.</summary>
    internal static IReadOnlyList<T> ReadList<T>(
        JsonMembers members,
        string name,
        string path,
        ICollection<RuleError> errors,
        Func<JsonElement, string, ICollection<RuleError>, T> read)
    {
        List<T> items = [];
        if (members.ReadElement(name, required: true) is not { } list)
        {
            return items;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            members.Error(name, "must be an array");
            return items;
        }

        foreach (JsonElement item in list.EnumerateArray())
        {
            items.Add(read(item, $"{path}.{name}[{items.Count}]", errors));
        }

        return items;
    }

    private static RuleDocument Read(JsonElement root)
    {
        List<RuleError> errors = [];
        JsonMembers members = new(root, "$", errors);
        if (members.ReadInteger("schema", required: true) is { } schema and not Schema)
        {
            string message = $"it is of schema {schema}, and this version knows {Schema} only";
            throw schema > Schema ? new NotSupportedException(message) : new InvalidDataException(message);
        }

        long revision = members.ReadInteger("revision", required: true) ?? 0;
        RuleDocument document = new()
        {
            Id = members.ReadString("id", required: true) ?? "",
            Revision = revision,
            Seed = members.ReadString("seed", required: true) ?? "",
            IsFromConfiguration = members.ReadBoolean("isFromConfiguration") ?? false,
            LastId = members.ReadInteger("lastId") ?? 0,
            Content = RuleContent.Read(members, "$", errors),
            Scheduled = ReadList(members, "scheduled", "$", errors, ScheduledChange.Read),
            History = ReadList(members, "history", "$", errors, AuditEntry.Read),
        };
        members.RejectUnknown();
        if (revision is < 1 or > MaxNumber || document.LastId is < 0 or > MaxNumber)
        {
            members.Error("revision", $"must be from 1 to {MaxNumber}, and lastId too");
        }

        for (int i = 0; i < document.History.Count; i++)
        {
            if (document.History[i].Revision != revision - document.History.Count + 1 + i)
            {
                members.Error("history", "must end with the revision, without gaps");
                break;
            }
        }

        return errors.Count == 0
            ? document
            : throw new InvalidDataException(string.Join("; ", errors.Take(3)) + (errors.Count > 3 ? $"; and {errors.Count - 3} more" : ""));
    }

    private void WriteWithoutHistory(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteMembers(writer);
        writer.WriteEndObject();
    }

    private void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteNumber("schema", Schema);
        writer.WriteString("id", Id);
        writer.WriteNumber("revision", Revision);
        writer.WriteString("seed", Seed);
        writer.WriteBoolean("isFromConfiguration", IsFromConfiguration);
        writer.WriteNumber("lastId", LastId);
        Content.WriteMembers(writer);
        WriteScheduled(writer);
    }

    /// <summary>Writes the changes to come as a member.</summary>
    internal void WriteScheduled(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("scheduled");
        foreach (ScheduledChange change in Scheduled)
        {
            change.Write(writer);
        }

        writer.WriteEndArray();
    }
}
