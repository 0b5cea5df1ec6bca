using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using MeliProxy.Sidecar.Configuration.Sources;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>JSON that somebody wrote, with comments and trailing commas as in a configuration file.</summary>
internal sealed class JsonInput
{
    private const string StandardInput = "-";

    private readonly ConfigurationTree _tree;

    private JsonInput(ConfigurationTree tree) => _tree = tree;

    public JsonObject Value => _tree.Root;

    /// <param name="file">The file; <c>-</c> for standard input.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AdminException">It cannot be read, or is no JSON object; with the line of each error.</exception>
    public static async Task<JsonInput> ReadAsync(string file, CancellationToken cancellationToken)
    {
        ConfigurationTree tree = new();
        JsonTreeParser parser = new(
            await ReadBytesAsync(file, cancellationToken), file == StandardInput ? "standard input" : Path.GetFileName(file), tree);
        bool isObject = parser.Parse();
        string[] errors = [.. tree.SortedErrors().Select(error => error.ToString())];
        return isObject && errors.Length == 0 ? new JsonInput(tree) : throw new AdminException(string.Join('\n', errors));
    }

    /// <summary>The file and line of a JSON path, such as <c>rule.json:3</c>; <see langword="null"/> if it is not in there.</summary>
    public string? Locate(string path)
    {
        ConfigurationOrigin origin = _tree.OriginOf(path);

        // What is missing, or was given otherwise, has nothing but the whole file for an ancestor.
        return origin == _tree.OriginOf(ConfigurationTree.RootPath) ? null : origin.Text;
    }

    private static async Task<byte[]> ReadBytesAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            if (file != StandardInput)
            {
                return await File.ReadAllBytesAsync(file, cancellationToken);
            }

            await using Stream input = Console.OpenStandardInput();
            using MemoryStream bytes = new();
            await input.CopyToAsync(bytes, cancellationToken);
            return bytes.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new AdminException($"cannot read {PrintableText.Of(file)}: {PrintableText.Of(e.Message)}", e);
        }
    }
}
