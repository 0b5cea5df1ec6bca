namespace MeliProxy.Sidecar.Configuration;

/// <summary>Where a configuration comes from; each source overrides those named before it.</summary>
internal sealed record ConfigurationSources
{
    /// <summary>The file that is read if <see cref="File"/> names none; it may be absent.</summary>
    public const string DefaultFile = "meliproxy.json";

    /// <summary>The file the user named; its absence is an error. <see langword="null"/>: <see cref="DefaultFile"/>.</summary>
    public string? File { get; init; }

    /// <summary>What is read instead of <see cref="DefaultFile"/> if <see cref="File"/> names none.</summary>
    public byte[]? BuiltIn { get; init; }

    /// <summary>The folder that relative file names start from. Default: the working folder.</summary>
    public string Folder { get; init; } = Directory.GetCurrentDirectory();

    /// <summary>What errors call the file.</summary>
    public string FileName => File ?? (BuiltIn is null ? DefaultFile : "built-in configuration");

    /// <summary>The full path of the file that is read, whether there is one or not; <see langword="null"/>: no file is read.</summary>
    public string? FullPath => File is null && BuiltIn is not null ? null : Path.GetFullPath(FileName, Folder);

    /// <summary>All environment variables; those that do not begin with <c>MELIPROXY__</c> are left alone.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What the command line says.</summary>
    public CommandLineValues CommandLine { get; init; } = new();
}
