using System.Text.Json.Nodes;

namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>A command in the form in which the admin listener takes it.</summary>
/// <param name="Method">The method.</param>
/// <param name="PathAndQuery">The path, with what <c>GET</c> takes in the query.</param>
/// <param name="Body">What the path does not say already; <see langword="null"/> with <c>GET</c>.</param>
internal sealed record AdminRequest(HttpMethod Method, string PathAndQuery, JsonObject? Body)
{
    private const string Root = "/api/v1";

    /// <exception cref="AdminException">A member that the path has to say is missing, or cannot be said in a path.</exception>
    public static AdminRequest Of(string command, JsonObject body)
    {
        JsonObject rest = (JsonObject)body.DeepClone();
        return command switch
        {
            "rules.list" => Get($"{Root}/rules", rest),
            "rules.get" => Get($"{Root}/rules/{Take(rest, "name")}", rest),
            "rules.put" => new(HttpMethod.Put, $"{Root}/rules/{Take(rest, "name")}", rest),
            "rules.delete" => new(HttpMethod.Delete, $"{Root}/rules/{Take(rest, "name")}", rest),
            "rules.import" => new(HttpMethod.Put, $"{Root}/rules", rest),
            "rules.mode" => new(HttpMethod.Put, $"{Root}/mode", rest),
            "rules.rollback" => new(HttpMethod.Post, $"{Root}/rollback", rest),
            "rules.cancel" => new(HttpMethod.Delete, $"{Root}/scheduled/{Take(rest, "id")}", rest),
            "overrides.list" when rest.ContainsKey("rule") => Get($"{Root}/rules/{Take(rest, "rule")}/overrides", rest),
            "overrides.list" => Get($"{Root}/overrides", rest),
            "overrides.put" => new(HttpMethod.Put, $"{Root}/rules/{Take(rest, "rule")}/overrides/{TakeKey(rest)}", rest),
            "overrides.delete" => new(HttpMethod.Delete, $"{Root}/rules/{Take(rest, "rule")}/overrides/{TakeKey(rest)}", rest),
            "audit" => Get($"{Root}/audit", rest),
            "usage.query" => Get($"{Root}/usage", rest),
            "traffic.query" => Get($"{Root}/traffic", rest),
            "top" => Get($"{Root}/top", rest),
            "nodes" => Get($"{Root}/nodes", rest),
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, "has no path"),
        };
    }

    private static AdminRequest Get(string path, JsonObject query) => new(
        HttpMethod.Get,
        query.Count == 0
            ? path
            : $"{path}?{string.Join('&', query.Select(member => $"{member.Key}={Uri.EscapeDataString(Text(member.Value))}"))}",
        null);

    private static string Take(JsonObject body, string name)
    {
        if (!body.Remove(name, out JsonNode? value) || value is not JsonValue || Text(value) is not { Length: > 0 } text)
        {
            throw new AdminException($"$.{name} is missing, or not what it has to be");
        }

        return Segment(text);
    }

    private static string TakeKey(JsonObject body)
    {
        if (!body.Remove("key", out JsonNode? value) || value is not JsonArray { Count: > 0 } parts)
        {
            throw new AdminException("$.key is missing, or no array");
        }

        return string.Join('/', parts.Select(part => Segment(Text(part))));
    }

    /// <summary>A segment of a path. Every client and server resolves the two that name folders, however they are written.</summary>
    private static string Segment(string text) => text is "." or ".."
        ? throw new AdminException($"'{text}' cannot be said in the path of a URL; go by --nats")
        : Uri.EscapeDataString(text);

    private static string Text(JsonNode? value) =>
        value is JsonValue scalar && scalar.TryGetValue(out string? text) ? text : value?.ToJsonString() ?? "";
}
