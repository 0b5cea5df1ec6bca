using System.Text.Json;
using System.Text.Unicode;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>The body of a command, apart from what any command takes.</summary>
internal sealed class CommandBody : IDisposable
{
    public static readonly TimeSpan LeastTtl = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestTtl = TimeSpan.FromDays(365);

    private const int MaxByLength = 128;
    private const int MaxDepth = 16;
    private static readonly JsonElement Empty = JsonElement.Parse("{}");
    private static readonly string[] OptionNames = ["schema", "expectedRevision", "effectiveAt", "ttl", "dryRun", "by"];

    private readonly JsonDocument? _own;

    private CommandBody(JsonDocument? own) => _own = own;

    /// <summary>What is the command's own.</summary>
    public JsonElement Own => _own?.RootElement ?? Empty;

    public long? ExpectedRevision { get; private init; }

    public DateTimeOffset? EffectiveAt { get; private init; }

    public TimeSpan? Ttl { get; private init; }

    public bool IsDryRun { get; private init; }

    public string? By { get; private init; }

    /// <summary>Reads a body; one of no length is an object without members.</summary>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public static CommandBody Read(ReadOnlyMemory<byte> json)
    {
        if (json.Length > RuleControl.MaxBodyLength)
        {
            throw new CommandException(CommandError.TooLarge, $"is {json.Length} bytes long, and {RuleControl.MaxBodyLength} are the most");
        }

        if (json.Length == 0)
        {
            return new CommandBody(null);
        }

        if (!Utf8.IsValid(json.Span))
        {
            throw new CommandException(CommandError.InvalidJson, "is not in UTF-8");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(document.RootElement)
                : throw new CommandException(CommandError.InvalidJson, "must be a JSON object");
        }
        catch (JsonException e)
        {
            throw new CommandException(
                CommandError.InvalidJson,
                $"is no JSON: wrong at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}");
        }
    }

    public void Dispose() => _own?.Dispose();

    private static CommandBody Read(JsonElement root)
    {
        List<RuleError> errors = [];
        JsonMembers members = new(WithMembers(root, isOption: true).RootElement, "$", errors);
        long? schema = members.ReadInteger("schema");
        string? by = members.ReadString("by");
        if (by is not null && (by.Length > MaxByLength || by.Any(char.IsControl)))
        {
            members.Error("by", $"must have at most {MaxByLength} characters and no control characters");
        }

        TimeSpan? ttl = members.ReadDuration("ttl");
        if (ttl is { } time && (time < LeastTtl || time > LongestTtl))
        {
            members.Error("ttl", "must be from 1s to 365d");
        }

        CommandBody body = new(WithMembers(root, isOption: false))
        {
            ExpectedRevision = members.ReadInteger("expectedRevision"),
            EffectiveAt = RuleJson.ReadMoment(members, "effectiveAt"),
            Ttl = ttl,
            IsDryRun = members.ReadBoolean("dryRun") ?? false,
            By = by,
        };
        if (schema is { } given && given != RuleDocument.Schema)
        {
            throw new CommandException(
                CommandError.UnsupportedSchema, $"{given} is not known to this version, which takes {RuleDocument.Schema} only", "$.schema");
        }

        CommandException.ThrowIfAny(CommandError.InvalidRequest, errors);
        return body;
    }

    /// <summary>Members as they are written, so that whatever is wrong with them is found by whoever reads them.</summary>
    private static JsonDocument WithMembers(JsonElement root, bool isOption) => JsonDocument.Parse(
        $"{{{string.Join(',', root.EnumerateObject().Where(p => IsOption(p) == isOption).Select(p => p.ToString()))}}}",
        new JsonDocumentOptions { MaxDepth = MaxDepth });

    private static bool IsOption(JsonProperty property)
    {
        try
        {
            return Array.Exists(OptionNames, property.NameEquals);
        }
        catch (InvalidOperationException)
        {
            // The name has half a surrogate pair, which whoever reads the others finds.
            return false;
        }
    }
}
