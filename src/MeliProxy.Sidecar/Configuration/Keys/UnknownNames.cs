using System.Text.Json.Nodes;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Configuration.Sources;

namespace MeliProxy.Sidecar.Configuration.Keys;

/// <summary>Takes the names that are not known out of a tree, so that the rest can still be read and checked.</summary>
internal static class UnknownNames
{
    public static void Remove(JsonObject root, ICollection<RuleError> errors) =>
        Remove(root, KnownKeys.Root, ConfigurationTree.RootPath, errors);

    private static void Remove(JsonNode? node, KnownKey key, string path, ICollection<RuleError> errors)
    {
        switch (node)
        {
            case JsonObject settings when key.Kind is KeyKind.Object or KeyKind.Map:
                RemoveMembers(settings, key, path, errors);
                break;
            case JsonArray items when key.Kind == KeyKind.List:
                for (int i = 0; i < items.Count; i++)
                {
                    Remove(items[i], key.Item!, ConfigurationTree.ItemPath(path, i), errors);
                }

                break;
        }
    }

    private static void RemoveMembers(JsonObject settings, KnownKey key, string path, ICollection<RuleError> errors)
    {
        HashSet<string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, JsonNode? value) in settings.ToList())
        {
            string memberPath = ConfigurationTree.MemberPath(path, name);
            if (!key.TryFind(name, ignoreCase: false, out _, out KnownKey? member))
            {
                errors.Add(new RuleError(memberPath, key.DescribeUnknown(name)));
                settings.Remove(name);
            }
            else if (!seen.Add(name) && key.IgnoresCase)
            {
                errors.Add(new RuleError(memberPath, "is given twice; names are compared without regard to case here"));
                settings.Remove(name);
            }
            else
            {
                Remove(value, member, memberPath, errors);
            }
        }
    }
}
