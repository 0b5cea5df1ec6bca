using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;
using MeliProxy.Packages.Tests.Infrastructure;

namespace MeliProxy.Packages.Tests;

public sealed class PackageTests(UserPrograms programs)
{
    private const string Core = "MeliProxy.RateLimiting";

    public static TheoryData<string> Packages => [.. Repository.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Holds_a_library_its_documentation_and_a_page_and_nothing_else(string name)
    {
        Package package = new(programs.Feed, name);
        Assert.Equal(
            [$"{name}.nuspec", "README.md", $"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml"],
            package.Files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(File.ReadAllBytes(Repository.PathOf("src", name, "README.md")), package.Files["README.md"]);

        XDocument documentation = XDocument.Load(new MemoryStream(package.Files[$"lib/net10.0/{name}.xml"]));
        Assert.NotEmpty(documentation.Descendants("member"));
        Assert.DoesNotContain(
            documentation.Descendants("summary"), summary => string.IsNullOrWhiteSpace(summary.Value) && !summary.HasElements);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Says_what_it_is_and_under_which_license(string name)
    {
        Package package = new(programs.Feed, name);
        Assert.Equal(name, package.Metadata("id"));
        Assert.Equal("MIT", package.Metadata("license"));
        Assert.Equal("README.md", package.Metadata("readme"));
        Assert.InRange(package.Metadata("description")!.Length, 30, 300);
        Assert.NotEqual(name, package.Metadata("authors"));
    }

    [Fact]
    public void The_core_depends_on_System_Threading_RateLimiting_alone()
    {
        Package package = new(programs.Feed, Core);
        Assert.Equal(["System.Threading.RateLimiting"], package.Dependencies.Keys);
        Assert.Empty(package.Frameworks);
    }

    [Fact]
    public void The_middleware_depends_on_the_core_and_the_shared_framework_alone()
    {
        Package package = new(programs.Feed, $"{Core}.AspNetCore");
        Assert.Equal([Core], package.Dependencies.Keys);
        Assert.Equal(["Microsoft.AspNetCore.App"], package.Frameworks);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Depends_on_the_core_of_its_own_version_and_on_released_packages_as_pinned(string name)
    {
        Dictionary<string, string> pinned = XDocument.Load(Repository.PathOf("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(element => element.Attribute("Include")!.Value, element => element.Attribute("Version")!.Value);
        foreach ((string dependency, string version) in new Package(programs.Feed, name).Dependencies)
        {
            Assert.Equal(dependency.StartsWith(Core, StringComparison.Ordinal) ? UserPrograms.Version : pinned[dependency], version);
        }

        Assert.Equal(name != Core, new Package(programs.Feed, name).Dependencies.ContainsKey(Core));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Tells_nothing_of_the_machine_that_built_it(string name)
    {
        Package package = new(programs.Feed, name);
        byte[][] secrets = [Encoding.UTF8.GetBytes(Repository.Root), Encoding.Unicode.GetBytes(Repository.Root)];
        Assert.All(package.Files, file => Assert.All(secrets, secret => Assert.Equal(-1, file.Value.AsSpan().IndexOf(secret))));

        IReadOnlyList<string> sources = SourcesOf(package.Files[$"lib/net10.0/{name}.dll"]);
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.StartsWith("/_/", source, StringComparison.Ordinal));
    }

    /// <summary>The files named by the symbols, which are compressed within the assembly.</summary>
    private static List<string> SourcesOf(byte[] assembly)
    {
        using PEReader reader = new(new MemoryStream(assembly));
        DebugDirectoryEntry symbols =
            reader.ReadDebugDirectory().Single(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using MetadataReaderProvider provider = reader.ReadEmbeddedPortablePdbDebugDirectoryData(symbols);
        MetadataReader metadata = provider.GetMetadataReader();
        return [.. metadata.Documents.Select(handle => metadata.GetString(metadata.GetDocument(handle).Name))];
    }
}
