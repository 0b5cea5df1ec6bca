using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace MeliProxy.RateLimiting.Rules;

/// <summary>
/// Reads the members of one JSON object strictly: each wrong type, missing member, repeated or unknown name becomes an error
/// with its JSON path, and reading goes on so that all of them are found.
/// </summary>
/// <remarks>Not safe for use by several threads.</remarks>
public sealed class JsonMembers
{
    private const string NotTextName = "has a member whose name has half a surrogate pair, which is no text";

    private readonly string _path;
    private readonly ICollection<RuleError> _errors;
    private readonly Dictionary<string, JsonElement> _unread = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    /// <summary>Takes an object's members; an element that is no object counts as one without members, and as an error.</summary>
    /// <param name="element">The object.</param>
    /// <param name="path">Its JSON path.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public JsonMembers(JsonElement element, string path, ICollection<RuleError> errors)
    {
        _path = path;
        _errors = errors;
        if (element.ValueKind != JsonValueKind.Object)
        {
            Error(null, "must be an object");
            IsObject = false;
            return;
        }

        IsObject = true;
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!TryGetName(property, out string? name))
            {
                Error(null, NotTextName);
            }
            else if (!_unread.TryAdd(name, property.Value))
            {
                Error(name, "is given twice");
            }
        }
    }

    /// <summary>Whether the element was an object at all.</summary>
    public bool IsObject { get; }

    /// <summary>Words the error about a name that is not known.</summary>
    /// <param name="name">The name.</param>
    /// <param name="known">The names that are known.</param>
    /// <returns>A message that suggests the known name most like it, or lists all of them if none is.</returns>
    public static string DescribeUnknown(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(known);
        return Spelling.Nearest(name, known) is { } near
            ? $"is unknown; did you mean '{near}'?"
            : $"is unknown here; known are {string.Join(", ", known)}";
    }

    /// <summary>Takes a member as it is. A member that is <c>null</c> counts as absent.</summary>
    /// <param name="name">The member's name.</param>
    /// <param name="required">Whether its absence is an error.</param>
    /// <returns>The element, or <see langword="null"/>.</returns>
    public JsonElement? ReadElement(string name, bool required = false)
    {
        _known.Add(name);
        if (_unread.Remove(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
        {
            return value;
        }

        if (required && IsObject)
        {
            Error(null, $"'{name}' is missing");
        }

        return null;
    }

    /// <summary>Takes a member that is an object.</summary>
    /// <inheritdoc cref="ReadElement"/>
    public JsonElement? ReadObject(string name, bool required = false) =>
        ReadElement(name, required) is { } value && Expect(name, value.ValueKind == JsonValueKind.Object, "must be an object") ? value : null;

    /// <summary>Takes a member that is a string.</summary>
    /// <inheritdoc cref="ReadElement"/>
    public string? ReadString(string name, bool required = false) =>
        ReadElement(name, required) is { } value ? ReadText(name, value) : null;

    /// <summary>Takes a member that is <c>true</c> or <c>false</c>.</summary>
    /// <inheritdoc cref="ReadElement"/>
    public bool? ReadBoolean(string name, bool required = false) =>
        ReadElement(name, required) is { } value
            && Expect(name, value.ValueKind is JsonValueKind.True or JsonValueKind.False, "must be true or false")
            ? value.GetBoolean()
            : null;

    /// <summary>Takes a member that is a whole number of 64 bits.</summary>
    /// <inheritdoc cref="ReadElement"/>
    public long? ReadInteger(string name, bool required = false)
    {
        if (ReadElement(name, required) is not { } value)
        {
            return null;
        }

        long number = 0;
        return Expect(name, value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number), "must be a whole number")
            ? number
            : null;
    }

    /// <summary>Takes a member that is a duration, see <see cref="DurationText"/>.</summary>
    /// <inheritdoc cref="ReadElement"/>
    public TimeSpan? ReadDuration(string name, bool required = false)
    {
        if (ReadElement(name, required) is not { } value)
        {
            return null;
        }

        TimeSpan duration = default;
        return Expect(
            name,
            TryGetText(value, out string? text) && DurationText.TryParse(text, out duration),
            "must be a duration such as \"250ms\", \"1s\", \"15m\", \"1h\" or \"30d\"")
            ? duration
            : null;
    }

    /// <summary>Takes a member that is an array of strings; none if it is absent.</summary>
    /// <inheritdoc cref="ReadElement"/>
    public IReadOnlyList<string> ReadStrings(string name, bool required = false)
    {
        if (ReadElement(name, required) is not { } value
            || !Expect(name, value.ValueKind == JsonValueKind.Array, "must be an array of strings"))
        {
            return [];
        }

        List<string> strings = [];
        foreach (JsonElement item in value.EnumerateArray())
        {
            strings.Add(ReadText($"{name}[{strings.Count}]", item) ?? "");
        }

        return strings;
    }

    /// <summary>Takes a member that is an object of strings; none if it is absent. Names are compared without regard to case.</summary>
    /// <inheritdoc cref="ReadElement"/>
    public IReadOnlyDictionary<string, string> ReadStringMap(string name, bool required = false)
    {
        Dictionary<string, string> map = new(StringComparer.OrdinalIgnoreCase);
        if (ReadObject(name, required) is not { } value)
        {
            return map;
        }

        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (!TryGetName(property, out string? key))
            {
                Error(name, NotTextName);
            }
            else if (ReadText($"{name}.{key}", property.Value) is { } text && !map.TryAdd(key, text))
            {
                Error($"{name}.{key}", "is given twice");
            }
        }

        return map;
    }

    /// <summary>Takes a member that is one of a few words.</summary>
    /// <typeparam name="T">What the words stand for.</typeparam>
    /// <param name="name">The member's name.</param>
    /// <param name="choices">The words.</param>
    /// <param name="absent">What the absence of the member stands for.</param>
    /// <returns>What the word stands for.</returns>
    public T ReadChoice<T>(string name, IReadOnlyList<(string Name, T Value)> choices, T absent) =>
        ReadChoice(name, choices, absent, absent);

    /// <summary>Takes a member that is one of a few words, and tells one that is wrong from one that is absent.</summary>
    /// <typeparam name="T">What the words stand for.</typeparam>
    /// <param name="name">The member's name.</param>
    /// <param name="choices">The words.</param>
    /// <param name="absent">What the absence of the member stands for.</param>
    /// <param name="wrong">What a member that is none of the words stands for.</param>
    /// <returns>What the word stands for.</returns>
    public T ReadChoice<T>(string name, IReadOnlyList<(string Name, T Value)> choices, T absent, T wrong)
    {
        ArgumentNullException.ThrowIfNull(choices);
        if (ReadElement(name) is not { } element)
        {
            return absent;
        }

        if (ReadText(name, element) is not { } word)
        {
            return wrong;
        }

        foreach ((string choice, T value) in choices)
        {
            if (choice == word)
            {
                return value;
            }
        }

        Error(name, $"'{word}' is unknown; use {string.Join(", ", choices.Select(c => c.Name))}");
        return wrong;
    }

    /// <summary>Makes an error of each member that was not taken; to be called last.</summary>
    public void RejectUnknown()
    {
        foreach (string name in _unread.Keys)
        {
            Error(name, DescribeUnknown(name, _known));
        }
    }

    /// <summary>Adds an error about a member, or about the object itself.</summary>
    /// <param name="member">The member's name, or <see langword="null"/>.</param>
    /// <param name="message">What is wrong.</param>
    public void Error(string? member, string message) =>
        _errors.Add(new RuleError(member is null ? _path : $"{_path}.{member}", message));

    private string? ReadText(string member, JsonElement value)
    {
        if (TryGetText(value, out string? text))
        {
            return text;
        }

        Error(member, value.ValueKind == JsonValueKind.String ? "has half a surrogate pair, which is no text" : "must be a string");
        return null;
    }

    // JSON can escape half a surrogate pair; System.Text.Json throws when such a string is read.
    private static bool TryGetText(JsonElement value, [NotNullWhen(true)] out string? text)
    {
        text = null;
        try
        {
            text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
        }

        return text is not null;
    }

    private static bool TryGetName(JsonProperty property, [NotNullWhen(true)] out string? name)
    {
        try
        {
            name = property.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = null;
            return false;
        }
    }

    private bool Expect(string name, bool condition, string message)
    {
        if (!condition)
        {
            Error(name, message);
        }

        return condition;
    }
}
