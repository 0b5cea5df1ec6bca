using System.Collections;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Forwarding;

namespace MeliProxy.Sidecar.Commands;

/// <summary>The sources of a configuration as the process finds them.</summary>
internal static class ConfigurationInput
{
    public static ConfigurationSources Create(string? file, CommandLineValues commandLine) => new()
    {
        File = file,
        Environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? ""),
        CommandLine = commandLine,
    };

    /// <summary>Loads a configuration and has YARP check what it will use.</summary>
    public static async Task<ConfigurationResult> LoadAsync(ConfigurationSources sources)
    {
        ConfigurationResult result = ConfigurationLoader.Load(sources);
        if (result.Configuration is not { } configuration)
        {
            return result;
        }

        IReadOnlyList<string> errors = await ReverseProxyCheck.FindErrorsAsync(configuration);
        return errors.Count == 0
            ? result
            : new ConfigurationResult(
                null,
                [.. errors.Select(error => new ConfigurationError("$.ReverseProxy", error, sources.FileName))],
                []);
    }

    /// <summary>Says what is wrong to standard error.</summary>
    public static void PrintErrors(IReadOnlyList<ConfigurationError> errors, string consequence)
    {
        foreach (ConfigurationError error in errors)
        {
            Console.Error.WriteLine(error);
        }

        Console.Error.WriteLine($"meliproxy: {(errors.Count == 1 ? "1 problem" : $"{errors.Count} problems")} in the configuration; {consequence}");
    }
}
