using System.Globalization;
using System.Text.Json;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Configuration.Keys;
using MeliProxy.Sidecar.Configuration.Sources;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <summary>Checks a <c>ReverseProxy</c> section, because YARP ignores or throws on what it cannot read, and flattens it for YARP.</summary>
internal sealed class ReverseProxyReader
{
    private readonly Dictionary<string, string?> _pairs = new(StringComparer.OrdinalIgnoreCase);
    private readonly ICollection<RuleError> _errors;

    public ReverseProxyReader(ICollection<RuleError> errors) => _errors = errors;

    /// <returns>Configuration keys relative to the section, with their values.</returns>
    public Dictionary<string, string?> Read(JsonElement section, string path)
    {
        Read(section, KnownKeys.Root.Members[KnownKeys.ReverseProxy], path, "");
        JsonElement? clusters = Member(section, "Clusters");
        CheckRoutes(Member(section, "Routes"), clusters, path);
        CheckClusters(clusters, path);
        return _pairs;
    }

    private void Read(JsonElement value, KnownKey key, string path, string flatName)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                break;
            case JsonValueKind.Object when key.Kind is KeyKind.Object or KeyKind.Map:
                ReadMembers(value, key, path, flatName);
                break;
            case JsonValueKind.Array when key.Kind == KeyKind.List:
                int index = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    string name = index.ToString(CultureInfo.InvariantCulture);
                    Read(item, key.Item!, ConfigurationTree.ItemPath(path, index++), Flat(flatName, name));
                }

                break;
            case JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False when key.IsScalar:
                string text = value.ToString();
                _pairs[flatName] = text;
                if (key.Form is { } form && !form.Accepts(text))
                {
                    Error(path, $"must be {form.Expectation}");
                }

                break;
            default:
                Error(path, key.Kind switch
                {
                    KeyKind.List => "must be an array",
                    KeyKind.Object or KeyKind.Map => "must be an object",
                    _ => "must be a single value",
                });
                break;
        }
    }

    private void ReadMembers(JsonElement value, KnownKey key, string path, string flatName)
    {
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string memberPath = ConfigurationTree.MemberPath(path, property.Name);
            if (property.Name.Contains(':', StringComparison.Ordinal))
            {
                Error(memberPath, "a name here must not contain ':', which separates names in YARP's configuration");
            }
            else if (key.TryFind(property.Name, ignoreCase: true, out string? name, out KnownKey? member))
            {
                Read(property.Value, member, memberPath, Flat(flatName, name));
            }
        }
    }

    private void CheckRoutes(JsonElement? routes, JsonElement? clusters, string path)
    {
        if (!MembersOf(routes).Any())
        {
            Error($"{path}.Routes", "needs at least one route; without one nothing is forwarded");
        }

        foreach (JsonProperty route in MembersOf(routes))
        {
            string routePath = $"{path}.Routes.{route.Name}";
            CheckPolicies(route.Value, routePath);
            if (Member(route.Value, "ClusterId") is { ValueKind: JsonValueKind.String } cluster
                && !MembersOf(clusters).Any(c => c.Name.Equals(cluster.GetString(), StringComparison.OrdinalIgnoreCase)))
            {
                Error($"{routePath}.ClusterId", $"there is no cluster '{cluster.GetString()}'");
            }

            if (Member(route.Value, "Match") is not { } match || (Member(match, "Path") is null && Member(match, "Hosts") is null))
            {
                Error(routePath, "needs Match with Path or Hosts; the Path \"/{**all}\" matches everything");
            }
        }
    }

    /// <summary>Policies are made in a program's code, and YARP takes names of some that every program has, which then fail each request.</summary>
    private void CheckPolicies(JsonElement route, string path)
    {
        foreach (string policy in (ReadOnlySpan<string>)["AuthorizationPolicy", "CorsPolicy", "RateLimiterPolicy", "OutputCachePolicy", "TimeoutPolicy"])
        {
            if (Member(route, policy) is { } value && !(policy == "AuthorizationPolicy" && IsText(value, "Anonymous")))
            {
                Error($"{path}.{policy}", policy switch
                {
                    "RateLimiterPolicy" => "the sidecar has no policies; say in rules what is limited",
                    "TimeoutPolicy" => "the sidecar has no policies; set Timeout",
                    _ => "the sidecar has no policies; leave it out",
                });
            }
        }
    }

    private static bool IsText(JsonElement value, string text) =>
        value.ValueKind == JsonValueKind.String && string.Equals(value.GetString(), text, StringComparison.OrdinalIgnoreCase);

    private void CheckClusters(JsonElement? clusters, string path)
    {
        foreach (JsonProperty cluster in MembersOf(clusters))
        {
            if (!MembersOf(Member(cluster.Value, "Destinations")).Any())
            {
                Error($"{path}.Clusters.{cluster.Name}", "needs at least one of Destinations");
            }

            foreach (JsonProperty destination in MembersOf(Member(cluster.Value, "Destinations")))
            {
                if (Member(destination.Value, "Address") is null)
                {
                    Error($"{path}.Clusters.{cluster.Name}.Destinations.{destination.Name}", "'Address' is missing");
                }
            }
        }
    }

    private static JsonElement? Member(JsonElement value, string name)
    {
        foreach (JsonProperty property in MembersOf(value))
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind != JsonValueKind.Null)
            {
                return property.Value;
            }
        }

        return null;
    }

    private static IEnumerable<JsonProperty> MembersOf(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Object } members ? members.EnumerateObject() : Enumerable.Empty<JsonProperty>();

    private static string Flat(string parent, string name) => parent.Length == 0 ? name : $"{parent}:{name}";

    private void Error(string path, string message) => _errors.Add(new RuleError(path, message));
}
