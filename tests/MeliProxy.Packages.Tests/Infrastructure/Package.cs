using System.IO.Compression;
using System.Xml.Linq;

namespace MeliProxy.Packages.Tests.Infrastructure;

/// <summary>The content of a package.</summary>
internal sealed class Package
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly XElement _metadata;

    public Package(string feed, string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(feed, $"{name}.{UserPrograms.Version}.nupkg"));
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            using Stream stream = entry.Open();
            using MemoryStream content = new();
            stream.CopyTo(content);
            _files.Add(entry.FullName, content.ToArray());
        }

        _metadata = XDocument.Load(new MemoryStream(_files[$"{name}.nuspec"])).Root!.Elements().Single();
    }

    /// <summary>The files by path, without those of the container's own.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _files.Where(file => file.Key is not ("_rels/.rels" or "[Content_Types].xml")
        && !file.Key.StartsWith("package/", StringComparison.Ordinal)).ToDictionary();

    /// <summary>The packages it depends on, and their versions.</summary>
    public IReadOnlyDictionary<string, string> Dependencies => Elements("dependency")
        .ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);

    /// <summary>The shared frameworks it needs.</summary>
    public IEnumerable<string> Frameworks => Elements("frameworkReference").Select(element => element.Attribute("name")!.Value);

    /// <summary>A line of what it says of itself.</summary>
    public string? Metadata(string name) => Elements(name).SingleOrDefault()?.Value;

    private IEnumerable<XElement> Elements(string name) => _metadata.Descendants().Where(element => element.Name.LocalName == name);
}
