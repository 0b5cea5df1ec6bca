using System.Text;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

/// <summary>A folder of its own to load configurations from.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public ConfigurationFolder() => Path = Directory.CreateTempSubdirectory("meliproxy-").FullName;

    public string Path { get; }

    /// <summary>Loads a <c>meliproxy.json</c> with this text, and the other sources.</summary>
    public static ConfigurationResult Load(
        string? json,
        (string Name, string Value)[]? environment = null,
        CommandLineValues? commandLine = null)
    {
        using ConfigurationFolder folder = new();
        return folder.LoadHere(json, environment, commandLine);
    }

    public static string[] ErrorsOf(string json, params (string Name, string Value)[] environment) =>
        [.. Load(json, environment).Errors.Select(e => e.ToString())];

    /// <summary>Loads what has to be without errors. Where files are found from is the same each time, so that results can be compared.</summary>
    public static SidecarConfiguration LoadValid(string? json, params (string Name, string Value)[] environment)
    {
        using ConfigurationFolder folder = new();
        ConfigurationResult result = folder.LoadHere(json, environment);
        Assert.Empty(result.Errors);
        SidecarConfiguration configuration = Assert.IsType<SidecarConfiguration>(result.Configuration);
        return configuration with { RulesFile = configuration.RulesFile?.Replace(folder.Path, "/folder", StringComparison.Ordinal) };
    }

    public ConfigurationResult LoadHere(
        string? json,
        (string Name, string Value)[]? environment = null,
        CommandLineValues? commandLine = null)
    {
        if (json is not null)
        {
            Write(ConfigurationSources.DefaultFile, Encoding.UTF8.GetBytes(json));
        }

        return ConfigurationLoader.Load(new ConfigurationSources
        {
            Folder = Path,
            Environment = (environment ?? []).ToDictionary(v => v.Name, v => v.Value),
            CommandLine = commandLine ?? new CommandLineValues(),
        });
    }

    public string Write(string name, byte[] content)
    {
        string file = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(file, content);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
