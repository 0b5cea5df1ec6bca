using System.IO.Compression;
using System.Security.Cryptography;

namespace MeliProxy.Sidecar.Admin.Console;

/// <summary>A file of the console as the binary has it.</summary>
internal sealed class ConsoleFile
{
    /// <summary>What the names of these files begin with among the binary's resources.</summary>
    private const string Prefix = "console/";

    private readonly Lazy<byte[]> _compressed;

    private ConsoleFile(string name, byte[] content)
    {
        Name = name;
        Content = content;
        ContentType = Path.GetExtension(name) switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        string hash = Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));
        Tag = $"\"{hash}\"";
        CompressedTag = $"\"{hash}-gzip\"";
        _compressed = new Lazy<byte[]>(() => Compress(content));
    }

    /// <summary>The name within the folder, such as <c>console.html</c>.</summary>
    public string Name { get; }

    public string ContentType { get; }

    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>The entity tag of <see cref="Content"/>, with its quotes.</summary>
    public string Tag { get; }

    /// <summary>The content as gzip.</summary>
    public ReadOnlyMemory<byte> Compressed => _compressed.Value;

    /// <summary>The entity tag of <see cref="Compressed"/>, with its quotes.</summary>
    public string CompressedTag { get; }

    public static IEnumerable<ConsoleFile> ReadAll() =>
        typeof(ConsoleFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => new ConsoleFile(name[Prefix.Length..], Read(name)));

    private static byte[] Read(string resource)
    {
        using Stream stream = typeof(ConsoleFile).Assembly.GetManifestResourceStream(resource)!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    private static byte[] Compress(byte[] content)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.SmallestSize))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }
}
