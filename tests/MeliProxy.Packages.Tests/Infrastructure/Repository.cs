using System.Xml.Linq;

namespace MeliProxy.Packages.Tests.Infrastructure;

/// <summary>The repository that these tests run in.</summary>
internal static class Repository
{
    /// <summary>Its folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The version of its packages.</summary>
    public static string Version { get; } =
        XDocument.Load(PathOf("Directory.Build.props")).Descendants("Version").Single().Value;

    /// <summary>The names of the packages it makes, which are the projects under src that write down their public API.</summary>
    public static IReadOnlyList<string> Packages { get; } =
        [.. Directory.GetFiles(PathOf("src"), "PublicAPI.Shipped.txt", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file))!).Order(StringComparer.Ordinal)];

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MeliProxy.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests have to run inside the repository");
    }
}
