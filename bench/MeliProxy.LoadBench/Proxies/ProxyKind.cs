namespace MeliProxy.LoadBench.Proxies;

/// <summary>A proxy to measure.</summary>
/// <param name="Name">What it is called in values and options.</param>
/// <param name="Title">What it is called in tables.</param>
/// <param name="HasLimits">Whether it can have the three limits.</param>
public abstract record ProxyKind(string Name, string Title, bool HasLimits)
{
    /// <summary>Variables that it needs, of the form <c>NAME=value</c>.</summary>
    public virtual IReadOnlyList<string> EnvironmentFor(ProxySetup setup) => [];

    /// <summary>All that has to be there for it to run, but for libraries of the system.</summary>
    public abstract IEnumerable<string> Files { get; }

    /// <summary>Writes its configuration and gives the command that starts it.</summary>
    public abstract Task<string[]> ConfigureAsync(ProxySetup setup);

    /// <summary>The file of a program that is found by its name.</summary>
    protected static string Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists) ?? throw new InvalidOperationException($"{program} is not installed");
}
