using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Configuration.Keys;

namespace MeliProxy.Sidecar.Configuration.Sources;

/// <summary>Sets one setting in a tree, making the objects and arrays on the way to it.</summary>
internal sealed class TreeOverride
{
    private readonly ConfigurationTree _tree;
    private readonly ConfigurationOrigin _origin;
    private readonly Func<KnownKey, JsonNode?> _value;
    private string _path = ConfigurationTree.RootPath;

    private TreeOverride(ConfigurationTree tree, ConfigurationOrigin origin, Func<KnownKey, JsonNode?> value)
    {
        _tree = tree;
        _origin = origin;
        _value = value;
    }

    /// <param name="tree">The tree.</param>
    /// <param name="names">Names and indexes from the root to the setting; case does not matter.</param>
    /// <param name="value">Makes the value that fits the setting.</param>
    /// <param name="origin">Where the value comes from.</param>
    /// <returns>The path of the setting, or <see langword="null"/> if there is none of these names.</returns>
    public static string? Apply(
        ConfigurationTree tree, IReadOnlyList<string> names, Func<KnownKey, JsonNode?> value, ConfigurationOrigin origin)
    {
        TreeOverride change = new(tree, origin, value);
        return change.SetInObject(tree.Root, KnownKeys.Root, names, 0) ? change._path : null;
    }

    private bool SetInObject(JsonObject parent, KnownKey key, IReadOnlyList<string> names, int depth)
    {
        string name = names[depth];
        if (name.Length == 0)
        {
            return Fail("a name is empty; names are separated by __");
        }

        if (!key.TryFind(name, ignoreCase: true, out string? known, out KnownKey? member))
        {
            _tree.AddError(ConfigurationTree.MemberPath(_path, name), key.DescribeUnknown(name), _origin);
            return false;
        }

        if (key.IgnoresCase || key.Kind == KeyKind.Map)
        {
            // Keep the spelling that is there already, or there would be two.
            known = parent.Select(p => p.Key).FirstOrDefault(k => k.Equals(known, StringComparison.OrdinalIgnoreCase)) ?? known;
        }

        _path = ConfigurationTree.MemberPath(_path, known);
        return Set(parent[known], changed => parent[known] = changed, member, names, depth + 1);
    }

    private bool SetInArray(JsonArray parent, KnownKey key, IReadOnlyList<string> names, int depth)
    {
        if (!int.TryParse(names[depth], NumberStyles.None, CultureInfo.InvariantCulture, out int index) || index > parent.Count)
        {
            return Fail($"'{names[depth]}' is no position in this list; the next free one is {parent.Count}");
        }

        _path = ConfigurationTree.ItemPath(_path, index);
        return Set(
            index < parent.Count ? parent[index] : null,
            changed =>
            {
                if (index < parent.Count)
                {
                    parent[index] = changed;
                }
                else
                {
                    parent.Add(changed);
                }
            },
            key.Item!,
            names,
            depth + 1);
    }

    private bool Set(JsonNode? current, Action<JsonNode?> replace, KnownKey key, IReadOnlyList<string> names, int depth)
    {
        if (depth == names.Count)
        {
            if (!key.IsScalar && !key.AcceptsSingle)
            {
                return Fail(key.Kind == KeyKind.List
                    ? "is a list; add __ and a position from 0 to set an item"
                    : $"is a group of settings; add __ and one of {string.Join(", ", key.Members.Keys)}");
            }

            replace(_value(key));
            _tree.ReplaceOrigin(_path, _origin);
            return true;
        }

        switch (key.Kind)
        {
            case KeyKind.Object or KeyKind.Map:
                if (current is null)
                {
                    replace(current = new JsonObject());
                    _tree.SetOrigin(_path, _origin);
                }

                // If something else stands there, reading says so.
                return current is not JsonObject settings || SetInObject(settings, key, names, depth);

            case KeyKind.List:
                if (current is null)
                {
                    replace(current = new JsonArray());
                    _tree.SetOrigin(_path, _origin);
                }
                else if (key.AcceptsSingle && current.GetValueKind() == JsonValueKind.String)
                {
                    _tree.SetOrigin(ConfigurationTree.ItemPath(_path, 0), _tree.OriginOf(_path));
                    replace(current = new JsonArray(current.DeepClone()));
                }

                return current is not JsonArray items || SetInArray(items, key, names, depth);

            default:
                return Fail($"is a single value; there is no '{names[depth]}' in it");
        }
    }

    private bool Fail(string message)
    {
        _tree.AddError(_path, message, _origin);
        return false;
    }
}
