using System.Globalization;
using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <summary>One object of settings, with readers for what settings have beyond <see cref="JsonMembers"/>.</summary>
internal sealed class SettingsSection
{
    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    private readonly JsonElement _element;
    private readonly string _folder;
    private readonly ICollection<RuleError> _errors;

    /// <param name="element">The object; <see langword="null"/> if it is absent, so that all settings have their defaults.</param>
    /// <param name="path">Its JSON path.</param>
    /// <param name="folder">Where relative file names start from.</param>
    /// <param name="errors">Receives what is wrong.</param>
    public SettingsSection(JsonElement? element, string path, string folder, ICollection<RuleError> errors)
    {
        _element = element ?? Empty;
        _folder = folder;
        _errors = errors;
        Path = path;
        Members = new JsonMembers(_element, path, errors);
    }

    public string Path { get; }

    public JsonMembers Members { get; }

    /// <summary>Whether a setting is set to something.</summary>
    public bool Has(string name) => KindOf(name) is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>Whether a setting is set to <c>null</c>, where that is something else than to leave it out.</summary>
    public bool IsNull(string name) => KindOf(name) == JsonValueKind.Null;

    /// <summary>Reads a section; one that is absent has the defaults.</summary>
    public SettingsSection ReadSection(string name) => new(Members.ReadObject(name), $"{Path}.{name}", _folder, _errors);

    /// <summary>Reads a section whose absence means something else than the defaults.</summary>
    public SettingsSection? ReadOptionalSection(string name) =>
        Members.ReadObject(name) is { } value ? new SettingsSection(value, $"{Path}.{name}", _folder, _errors) : null;

    /// <summary>Reads a setting that is one text or an array of them; each comes with the name that errors about it take.</summary>
    /// <returns>The texts, or <see langword="null"/> if the setting is absent or something else.</returns>
    public IReadOnlyList<(string Name, string Text)>? ReadOneOrMore(string name)
    {
        if (Members.ReadElement(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return [(name, value.GetString()!)];
        }

        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            Members.Error(name, "must be a string or an array of one or more strings");
            return null;
        }

        return ReadItems(name, value);
    }

    /// <summary>Reads a setting that is an array of texts; each comes with the name that errors about it take.</summary>
    public IReadOnlyList<(string Name, string Text)> ReadTexts(string name)
    {
        if (Members.ReadElement(name) is not { } value)
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Members.Error(name, "must be an array of strings");
            return [];
        }

        return ReadItems(name, value);
    }

    /// <summary>Reads a text that is not empty.</summary>
    public string? ReadText(string name, bool required = false)
    {
        string? text = Members.ReadString(name, required);
        if (text is { Length: 0 })
        {
            Members.Error(name, "must not be empty");
            return null;
        }

        return text;
    }

    public long ReadInteger(string name, long absent, long min, long max) =>
        InRange(name, Members.ReadInteger(name), absent, min, max, value => value.ToString(CultureInfo.InvariantCulture));

    public TimeSpan ReadDuration(string name, TimeSpan absent, TimeSpan min, TimeSpan max) =>
        InRange(name, Members.ReadDuration(name), absent, min, max, DurationText.Format);

    public Uri? ReadUrl(string name, UrlForm form, bool required = false) =>
        ReadText(name, required) is { } text ? ParseUrl(name, text, form) : null;

    /// <summary>Makes a URL of a text, or an error about the setting it is from.</summary>
    public Uri? ParseUrl(string name, string text, UrlForm form)
    {
        if (form.TryParse(text, out Uri? url, out string? error))
        {
            return url;
        }

        Members.Error(name, error);
        return null;
    }

    /// <summary>Reads the name of a file that may be absent.</summary>
    /// <returns>Its full path.</returns>
    public string? ReadPath(string name) => ReadText(name) is { } text ? FullPath(text) : null;

    /// <summary>The full path of a file that is named as settings name it.</summary>
    public string FullPath(string file) => System.IO.Path.GetFullPath(file, _folder);

    /// <summary>Reads the name of a file that has to exist.</summary>
    /// <returns>Its full path.</returns>
    public string? ReadFile(string name, bool required = false)
    {
        if (ReadText(name, required) is not { } text)
        {
            return null;
        }

        string file = FullPath(text);
        try
        {
            using FileStream stream = File.OpenRead(file);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Members.Error(name, e is FileNotFoundException or DirectoryNotFoundException
                ? $"there is no file '{file}'"
                : $"the file '{file}' cannot be read");
            return null;
        }
    }

    private T InRange<T>(string name, T? value, T absent, T min, T max, Func<T, string> format)
        where T : struct, IComparable<T>
    {
        if (value is not { } given)
        {
            return absent;
        }

        if (given.CompareTo(min) < 0 || given.CompareTo(max) > 0)
        {
            Members.Error(name, $"must be from {format(min)} to {format(max)}");
            return absent;
        }

        return given;
    }

    private List<(string Name, string Text)> ReadItems(string name, JsonElement array)
    {
        List<(string, string)> texts = [];
        int index = 0;
        foreach (JsonElement item in array.EnumerateArray())
        {
            string itemName = $"{name}[{index++}]";
            if (item.ValueKind == JsonValueKind.String)
            {
                texts.Add((itemName, item.GetString()!));
            }
            else
            {
                Members.Error(itemName, "must be a string");
            }
        }

        return texts;
    }

    private JsonValueKind KindOf(string name) =>
        _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(name, out JsonElement value)
            ? value.ValueKind
            : JsonValueKind.Undefined;
}
