using System.Text.Json.Nodes;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration.Sources;

/// <summary>The settings of all sources laid over one another, with the origin of each.</summary>
internal sealed class ConfigurationTree
{
    private readonly Dictionary<string, ConfigurationOrigin> _origins = new(StringComparer.Ordinal)
    {
        [RootPath] = new ConfigurationOrigin("configuration", 0),
    };

    private readonly List<(ConfigurationError Error, int Order)> _errors = [];

    public const string RootPath = "$";

    public JsonObject Root { get; set; } = [];

    public static string MemberPath(string path, string name) => $"{path}.{name}";

    public static string ItemPath(string path, int index) => string.Create(null, $"{path}[{index}]");

    public void SetOrigin(string path, ConfigurationOrigin origin) => _origins[path] = origin;

    /// <summary>Sets the origin of a path and forgets those below it, which are no more.</summary>
    public void ReplaceOrigin(string path, ConfigurationOrigin origin)
    {
        foreach (string below in _origins.Keys.Where(
            p => p.StartsWith(path, StringComparison.Ordinal) && p.Length > path.Length && p[path.Length] is '.' or '[').ToList())
        {
            _origins.Remove(below);
        }

        _origins[path] = origin;
    }

    /// <summary>The origin of a path; of its nearest ancestor if it has none, as a missing member has not.</summary>
    public ConfigurationOrigin OriginOf(string path)
    {
        ConfigurationOrigin origin;
        while (!_origins.TryGetValue(path, out origin))
        {
            int end = path.AsSpan().LastIndexOfAny('.', '[');
            path = end > 0 ? path[..end] : RootPath;
        }

        return origin;
    }

    public void AddError(string path, string message, ConfigurationOrigin origin) =>
        _errors.Add((new ConfigurationError(path, message, origin.Text), origin.Order));

    public void AddErrors(IEnumerable<RuleError> errors)
    {
        foreach (RuleError error in errors)
        {
            AddError(error.Path, error.Message, OriginOf(error.Path));
        }
    }

    public IReadOnlyList<ConfigurationError> SortedErrors() => [.. _errors.OrderBy(e => e.Order).Select(e => e.Error).Distinct()];

    public IReadOnlyList<ConfigurationError> Locate(IEnumerable<RuleError> notes) =>
        [.. notes.Select(n => (Note: n, Origin: OriginOf(n.Path))).OrderBy(n => n.Origin.Order)
            .Select(n => new ConfigurationError(n.Note.Path, n.Note.Message, n.Origin.Text))];
}
