using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace MeliProxy.Sidecar.Configuration.Sources;

/// <summary>Reads JSON with comments and trailing commas, and notes the line of each member and item.</summary>
internal sealed class JsonTreeParser
{
    public const int MaxDepth = 64;

    private readonly ReadOnlyMemory<byte> _text;
    private readonly string _file;
    private readonly ConfigurationTree _tree;
    private int _countedTo;
    private int _line = 1;

    public JsonTreeParser(byte[] text, string file, ConfigurationTree tree)
    {
        _text = text.AsSpan().StartsWith("\uFEFF"u8) ? text.AsMemory(3) : text;
        _file = file;
        _tree = tree;
    }

    /// <returns>Whether the text is JSON; if not, an error says where it ceases to be.</returns>
    public bool Parse()
    {
        ReadOnlySpan<byte> text = _text.Span;
        if (!Utf8.IsValid(text))
        {
            return Fail(ValidLength(text), "is not UTF-8 text");
        }

        Utf8JsonReader reader = new(text, new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = MaxDepth + 1,
        });
        try
        {
            reader.Read();
            _tree.SetOrigin(ConfigurationTree.RootPath, OriginAt(ref reader));
            JsonNode? root = ReadValue(ref reader, ConfigurationTree.RootPath);
            reader.Read();
            if (root is JsonObject settings)
            {
                _tree.Root = settings;
                return true;
            }

            _tree.AddError(ConfigurationTree.RootPath, "must be an object", _tree.OriginOf(ConfigurationTree.RootPath));
            return false;
        }
        catch (TooDeepException)
        {
            return Fail((int)reader.TokenStartIndex, $"is nested deeper than {MaxDepth} levels");
        }
        catch (InvalidOperationException)
        {
            return Fail((int)reader.TokenStartIndex, "a text holds an escape that stands for half a character");
        }
        catch (JsonException e)
        {
            int offset = OffsetOf(e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            return Fail(offset, Describe(offset));
        }
    }

    private JsonNode? ReadValue(ref Utf8JsonReader reader, string path)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return ReadObject(ref reader, path);
            case JsonTokenType.StartArray:
                return ReadArray(ref reader, path);
            case JsonTokenType.String:
                return JsonValue.Create(reader.GetString());
            case JsonTokenType.Null:
                return null;
            default:
                return JsonNode.Parse(reader.ValueSpan);
        }
    }

    private JsonObject ReadObject(ref Utf8JsonReader reader, string path)
    {
        ThrowIfTooDeep(ref reader);
        JsonObject settings = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            string name = reader.GetString()!;
            string memberPath = ConfigurationTree.MemberPath(path, name);
            ConfigurationOrigin origin = OriginAt(ref reader);
            if (settings.ContainsKey(name))
            {
                _tree.AddError(memberPath, "is given twice", origin);
                _tree.ReplaceOrigin(memberPath, origin);
            }

            _tree.SetOrigin(memberPath, origin);
            reader.Read();
            settings[name] = ReadValue(ref reader, memberPath);
        }

        return settings;
    }

    private JsonArray ReadArray(ref Utf8JsonReader reader, string path)
    {
        ThrowIfTooDeep(ref reader);
        JsonArray items = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            string itemPath = ConfigurationTree.ItemPath(path, items.Count);
            _tree.SetOrigin(itemPath, OriginAt(ref reader));
            items.Add(ReadValue(ref reader, itemPath));
        }

        return items;
    }

    private static void ThrowIfTooDeep(ref Utf8JsonReader reader)
    {
        if (reader.CurrentDepth >= MaxDepth)
        {
            throw new TooDeepException();
        }
    }

    /// <summary>The line of the current token. Tokens come in order, so each part of the text is counted once.</summary>
    private ConfigurationOrigin OriginAt(ref Utf8JsonReader reader)
    {
        int start = (int)reader.TokenStartIndex;
        _line += _text.Span[_countedTo..start].Count((byte)'\n');
        _countedTo = start;
        return ConfigurationOrigin.Line(_file, _line);
    }

    private bool Fail(int offset, string message)
    {
        ReadOnlySpan<byte> before = _text.Span[..offset];
        int line = before.Count((byte)'\n') + 1;
        int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        _tree.AddError(ConfigurationTree.RootPath, message, new ConfigurationOrigin(string.Create(null, $"{_file}:{line}:{column}"), line));
        return false;
    }

    private int OffsetOf(long lineNumber, long bytePositionInLine)
    {
        ReadOnlySpan<byte> text = _text.Span;
        int start = 0;
        for (; lineNumber > 0 && start < text.Length; lineNumber--)
        {
            int end = text[start..].IndexOf((byte)'\n');
            start = end < 0 ? text.Length : start + end + 1;
        }

        return (int)Math.Min(start + bytePositionInLine, text.Length);
    }

    /// <summary>Says what is wrong in own words: those of the JSON reader repeat parts of the text, which may be a secret.</summary>
    private string Describe(int offset)
    {
        ReadOnlySpan<byte> text = _text.Span;
        if (text.Trim(" \t\r\n"u8).IsEmpty)
        {
            return "is empty; a file without settings is {}";
        }

        if (text[offset..].Trim(" \t\r\n"u8).IsEmpty)
        {
            return "is no JSON: it ends before all objects, arrays, texts and comments are closed";
        }

        Rune.DecodeFromUtf8(text[offset..], out Rune rune, out _);
        return Rune.IsControl(rune)
            ? "is no JSON: a text is not closed on its line, or holds a control character"
            : $"is no JSON: '{rune}' cannot stand here; before it a comma, colon, bracket or quotation mark may be missing";
    }

    private static int ValidLength(ReadOnlySpan<byte> text)
    {
        int length = 0;
        while (length < text.Length && Rune.DecodeFromUtf8(text[length..], out _, out int consumed) == System.Buffers.OperationStatus.Done)
        {
            length += consumed;
        }

        return length;
    }

    private sealed class TooDeepException : Exception;
}
