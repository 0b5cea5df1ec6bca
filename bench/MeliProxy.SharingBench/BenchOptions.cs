namespace MeliProxy.SharingBench;

/// <summary>What the script says.</summary>
public sealed record BenchOptions
{
    /// <summary>Shorter, and so less exact.</summary>
    public bool IsQuick { get; init; }

    public required string Sidecar { get; init; }

    /// <summary>Empty where nothing is compared with Redis.</summary>
    public string RedisProxy { get; init; } = "";

    public required string Folder { get; init; }

    public required string Report { get; init; }

    /// <summary>Only the scenarios whose name contains this.</summary>
    public string Only { get; init; } = "";

    /// <summary>Reads <c>--name value</c> pairs and <c>--quick</c>.</summary>
    public static BenchOptions Parse(string[] arguments)
    {
        return new BenchOptions
        {
            IsQuick = arguments.Contains("--quick"),
            Sidecar = Value("--sidecar") ?? throw Missing("--sidecar"),
            RedisProxy = Value("--redis-proxy") ?? "",
            Folder = Value("--folder") ?? throw Missing("--folder"),
            Report = Value("--report") ?? throw Missing("--report"),
            Only = Value("--only") ?? "",
        };

        string? Value(string name) => Array.IndexOf(arguments, name) is int at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;

        static ArgumentException Missing(string name) => new($"{name} is missing; start the bench by its run.sh instead");
    }
}
