using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Connections;
using MeliProxy.Sidecar.Configuration.Sources;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>Reads JSON that somebody wrote, with comments and trailing commas as in a configuration file.</summary>
internal static class JsonInput
{
    private const string StandardInput = "-";

    /// <param name="file">The file; <c>-</c> for standard input.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AdminException">It cannot be read, or is no JSON object; with the line of each error.</exception>
    public static async Task<JsonObject> ReadAsync(string file, CancellationToken cancellationToken)
    {
        ConfigurationTree tree = new();
        JsonTreeParser parser = new(
            await ReadBytesAsync(file, cancellationToken), file == StandardInput ? "standard input" : Path.GetFileName(file), tree);
        bool isObject = parser.Parse();
        string[] errors = [.. tree.SortedErrors().Select(error => error.ToString())];
        return isObject && errors.Length == 0 ? tree.Root : throw new AdminException(string.Join('\n', errors));
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
