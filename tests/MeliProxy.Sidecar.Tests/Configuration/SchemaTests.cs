using System.Text.Json;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Configuration.Keys;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class SchemaTests
{
    private static readonly JsonElement Schema =
        JsonElement.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "meliproxy.schema.json")));

    [Fact]
    public void The_schema_names_the_settings_that_exist_and_no_others() =>
        Assert.Equal(PathsOf(KnownKeys.Root, "$").Order(StringComparer.Ordinal), PathsOf(Schema, "$").Order(StringComparer.Ordinal));

    [Fact]
    public void Every_setting_that_exists_is_read()
    {
        // A setting that nobody reads would be reported as unknown.
        JsonObject all = (JsonObject)Example(KnownKeys.Root)!;
        all.Remove("upstream");

        ConfigurationResult result = ConfigurationFolder.Load(all.ToJsonString());

        Assert.NotEmpty(result.Errors);
        Assert.DoesNotContain(result.Errors, e => e.Message.Contains("unknown here", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Errors, e => e.Message.Contains("did you mean", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_setting_has_a_description_and_a_default_or_is_required()
    {
        List<string> bare = [];
        Visit(Schema, "$", bare);
        Assert.Empty(bare);
    }

    [Fact]
    public void The_defaults_of_the_schema_are_those_that_hold()
    {
        JsonObject defaults = [];
        foreach (JsonProperty setting in Schema.GetProperty("properties").EnumerateObject())
        {
            if (setting.Name is not (KnownKeys.ReverseProxy or "tls" or "$schema"))
            {
                defaults[setting.Name] = DefaultOf(setting.Value);
            }
        }

        SidecarConfiguration explicitly = ConfigurationFolder.LoadValid(defaults.ToJsonString());
        SidecarConfiguration implicitly = ConfigurationFolder.LoadValid("{}");

        Assert.Equal(implicitly.Listen, explicitly.Listen);
        Assert.Equal(implicitly.Admin, explicitly.Admin);
        Assert.Equal(implicitly.Upstream, explicitly.Upstream);
        Assert.Equal(implicitly.Forwarding, explicitly.Forwarding);
        Assert.Equivalent(implicitly.ClientIp, explicitly.ClientIp);
        Assert.Equal(implicitly.Rules, explicitly.Rules);
        Assert.Equal(implicitly.Overrides, explicitly.Overrides);
        Assert.Equal(implicitly.Mode, explicitly.Mode);
        Assert.Equal(implicitly.Limits, explicitly.Limits);
        Assert.Equivalent(implicitly.Sharing, explicitly.Sharing);
        Assert.Equal(implicitly.Usage, explicitly.Usage);
        Assert.Equal(implicitly.Telemetry, explicitly.Telemetry);
        Assert.Equal(implicitly.Logging, explicitly.Logging);
    }

    private static JsonNode? DefaultOf(JsonElement schema)
    {
        JsonElement given = schema.GetProperty("default");
        if (given.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out JsonElement members))
        {
            return JsonNode.Parse(given.GetRawText());
        }

        JsonObject settings = [];
        foreach (JsonProperty member in members.EnumerateObject())
        {
            settings[member.Name] = DefaultOf(member.Value);
        }

        return settings;
    }

    private static IEnumerable<string> PathsOf(KnownKey key, string path) =>
        key.Members.SelectMany(m => PathsOf(m.Value, $"{path}.{m.Key}").Prepend($"{path}.{m.Key}"))
            .Concat(key.Item is { } item ? PathsOf(item, path + (key.Kind == KeyKind.List ? "[]" : ".*")) : []);

    private static IEnumerable<string> PathsOf(JsonElement schema, string path)
    {
        if (schema.TryGetProperty("properties", out JsonElement members))
        {
            foreach (JsonProperty member in members.EnumerateObject())
            {
                yield return $"{path}.{member.Name}";
                foreach (string below in PathsOf(member.Value, $"{path}.{member.Name}"))
                {
                    yield return below;
                }
            }
        }

        foreach ((string name, string suffix) in ((string, string)[])[("items", "[]"), ("additionalProperties", ".*")])
        {
            if (schema.TryGetProperty(name, out JsonElement item) && item.ValueKind == JsonValueKind.Object)
            {
                foreach (string below in PathsOf(item, path + suffix))
                {
                    yield return below;
                }
            }
        }
    }

    private static void Visit(JsonElement schema, string path, List<string> bare)
    {
        if (schema.TryGetProperty("properties", out JsonElement members))
        {
            HashSet<string?> required = schema.TryGetProperty("required", out JsonElement names)
                ? [.. names.EnumerateArray().Select(n => n.GetString())]
                : [];
            foreach (JsonProperty member in members.EnumerateObject())
            {
                string memberPath = $"{path}.{member.Name}";
                if (!member.Value.TryGetProperty("description", out JsonElement text) || text.GetString() is null or ""
                    || member.Value.TryGetProperty("default", out _) == required.Contains(member.Name))
                {
                    bare.Add(memberPath);
                }

                Visit(member.Value, memberPath, bare);
            }
        }

        foreach (string name in (string[])["items", "additionalProperties"])
        {
            if (schema.TryGetProperty(name, out JsonElement item) && item.ValueKind == JsonValueKind.Object)
            {
                Visit(item, $"{path}.{name}", bare);
            }
        }
    }

    private static JsonNode? Example(KnownKey key) => key.Kind switch
    {
        KeyKind.Object => new JsonObject(key.Members.Select(m => KeyValuePair.Create(m.Key, Example(m.Value)))),
        KeyKind.Map => new JsonObject { ["any"] = Example(key.Item!) },
        KeyKind.List => new JsonArray(Example(key.Item!)),
        KeyKind.Number => 1,
        KeyKind.Boolean => true,
        _ => "1",
    };
}
