namespace MeliProxy.SharingBench.Processes;

/// <summary>A rule with one key, for the path that is its name.</summary>
public sealed record BenchRule(string Name)
{
    public int Limit { get; init; } = 1_000;

    public int Burst { get; init; } = 1_000;

    public string Scope { get; init; } = "shared";

    public string ColdStart { get; init; } = "wait";

    /// <summary>The window of a fixed window in seconds; 0: a token bucket of a limit per second.</summary>
    public int FixedWindow { get; init; }

    public string Path => $"/{Name}";

    public string ToJson()
    {
        string algorithm = FixedWindow > 0 ? $"\"algorithm\": \"fixed-window\", \"window\": \"{FixedWindow}s\"" : $"\"window\": \"1s\", \"burst\": {Burst}";
        string sharing = Scope == "shared" ? $", \"scope\": \"shared\", \"coldStart\": \"{ColdStart}\"" : "";
        return $$"""{ "name": "{{Name}}", "match": { "path": "{{Path}}" }, "key": ["global"], "limit": {{Limit}}, {{algorithm}}{{sharing}} }""";
    }
}
