using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>What differs between two JSON objects, member by member, in words such as <c>limit 100 -> 50</c>.</summary>
/// <remarks>It knows nothing of what the members mean, so that those of another version are told too.</remarks>
internal static class JsonDifference
{
    private const string None = "(none)";

    /// <summary>Longer lists are told by what came and went.</summary>
    private const int MaxListLength = 60;

    /// <summary>The most items of a list that are told.</summary>
    private const int MaxItems = 20;

    public static IEnumerable<string> Of(JsonElement before, JsonElement after) => OfMembers("", before, after);

    private static IEnumerable<string> OfMembers(string prefix, JsonElement before, JsonElement after)
    {
        // Of a name that is there twice, the last counts, as for any reader.
        ILookup<string, JsonElement> old = before.Members().ToLookup(member => member.Name, member => member.Value, StringComparer.Ordinal);
        ILookup<string, JsonElement> now = after.Members().ToLookup(member => member.Name, member => member.Value, StringComparer.Ordinal);
        foreach (string name in old.Concat(now).Select(member => member.Key).Distinct(StringComparer.Ordinal))
        {
            foreach (string line in OfMember(prefix, name, Last(old[name]), Last(now[name])))
            {
                yield return line;
            }
        }
    }

    private static IEnumerable<string> OfMember(string prefix, string name, JsonElement? before, JsonElement? after)
    {
        string path = prefix + AnswerMembers.Printable(name, AnswerMembers.MaxNameLength);
        return (before, after) switch
        {
            ({ ValueKind: JsonValueKind.Object } b, { ValueKind: JsonValueKind.Object } a) => OfMembers(path + ".", b, a),
            ({ } b, { } a) when AreEqual(b, a) => [],
            ({ ValueKind: JsonValueKind.Array } b, { ValueKind: JsonValueKind.Array } a) when !IsShort(b) || !IsShort(a) => OfItems(path, b, a),
            _ => [$"{path} {Value(before)} -> {Value(after)}"],
        };
    }

    private static string[] OfItems(string path, JsonElement before, JsonElement after)
    {
        List<string> removed = [.. before.EnumerateArray().Select(Item)];
        List<string> added = [];
        Dictionary<string, int> counts = removed.CountBy(item => item, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        foreach (string item in after.EnumerateArray().Select(Item))
        {
            if (counts.TryGetValue(item, out int count) && count > 0)
            {
                counts[item] = count - 1;
            }
            else
            {
                added.Add(item);
            }
        }

        removed.RemoveAll(item => counts[item]-- <= 0);
        if (removed.Count + added.Count == 0)
        {
            return [$"{path} in another order"];
        }

        string[] lines = [.. removed.Select(item => $"{path} - {item}"), .. added.Select(item => $"{path} + {item}")];
        return lines.Length <= MaxItems ? lines : [.. lines.Take(MaxItems), $"{path} and {lines.Length - MaxItems} more"];
    }

    private static JsonElement? Last(IEnumerable<JsonElement> values) => values.Select(value => (JsonElement?)value).LastOrDefault();

    private static bool AreEqual(JsonElement before, JsonElement after)
    {
        try
        {
            return JsonElement.DeepEquals(before, after);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair equals nothing that could be told.
            return false;
        }
    }

    private static string Item(JsonElement item) => JsonText.Brief(item);

    // One more than the limit tells whether it is exceeded, and no more has to be put into words.
    private static bool IsShort(JsonElement list) => JsonText.Brief(list, MaxListLength).Length <= MaxListLength;

    private static string Value(JsonElement? value) => value is { } some ? JsonText.Brief(some) : None;
}
