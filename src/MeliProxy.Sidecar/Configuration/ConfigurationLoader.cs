using System.Buffers;
using System.Text.Json;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Configuration.Keys;
using MeliProxy.Sidecar.Configuration.Reading;
using MeliProxy.Sidecar.Configuration.Sources;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>Loads a configuration from its file, the environment and the command line, and finds everything that is wrong with it.</summary>
/// <remarks>
/// <code>
/// file ─▶ tree, and the line of each path ◀─ environment ◀─ options
///           │ names that are not known are errors and taken out
///           ▼
///         strict reading ─▶ records, or errors with path and origin
/// </code>
/// </remarks>
internal static class ConfigurationLoader
{
    public static ConfigurationResult Load(ConfigurationSources sources)
    {
        ConfigurationTree tree = new();
        bool fileIsWhole = sources.FullPath is { } path
            ? ConfigurationFile.Read(path, sources.FileName, mayBeAbsent: sources.File is null, tree)
            : new JsonTreeParser(sources.BuiltIn!, sources.FileName, tree).Parse();
        EnvironmentOverrides.Apply(sources.Environment, tree);
        CommandLineOverrides.Apply(sources.CommandLine, tree);
        if (!fileIsWhole)
        {
            // What the rest of the file would have said is not known, so nothing more can be said about the settings.
            return new ConfigurationResult(null, tree.SortedErrors(), []);
        }

        List<RuleError> errors = [];
        UnknownNames.Remove(tree.Root, errors);
        using JsonDocument document = ToDocument(tree);
        List<RuleError> warnings = [];
        SidecarConfiguration configuration = new SidecarConfigurationReader(
            document.RootElement, Path.GetDirectoryName(sources.FullPath) ?? sources.Folder, errors, warnings).Read();
        StoreFileCheck.Check(configuration, sources.FullPath, errors);
        tree.AddErrors(errors);
        IReadOnlyList<ConfigurationError> sorted = tree.SortedErrors();
        return new ConfigurationResult(sorted.Count == 0 ? configuration : null, sorted, tree.Locate(warnings));
    }

    private static JsonDocument ToDocument(ConfigurationTree tree)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            tree.Root.WriteTo(writer);
        }

        return JsonDocument.Parse(buffer.WrittenMemory);
    }
}
