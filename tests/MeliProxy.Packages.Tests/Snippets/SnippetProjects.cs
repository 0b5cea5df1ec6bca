using MeliProxy.Packages.Tests.Infrastructure;

namespace MeliProxy.Packages.Tests.Snippets;

/// <summary>All snippets of all pages, as two projects: one of ASP.NET Core and one without.</summary>
internal static class SnippetProjects
{
    /// <summary>The pages with snippets, relative to the repository.</summary>
    public static IReadOnlyList<string> Pages { get; } =
        [.. Directory.GetFiles(Repository.PathOf("src"), "README.md", SearchOption.AllDirectories).Append(Repository.PathOf("README.md"))
            .Where(page => SnippetProgram.Read(page).Count > 0)
            .Select(page => Path.GetRelativePath(Repository.Root, page)).Order(StringComparer.Ordinal)];

    /// <summary>Writes the projects and returns their names.</summary>
    public static IEnumerable<string> Write(string folder, string version)
    {
        Write(Path.Combine(folder, "snippets"), "Microsoft.NET.Sdk", version);
        Write(Path.Combine(folder, "web-snippets"), "Microsoft.NET.Sdk.Web", version);
        int count = 0;
        foreach (SnippetProgram program in Pages.SelectMany(page => SnippetProgram.Read(Repository.PathOf(page))))
        {
            string name = $"Snippet{++count}";
            File.WriteAllText(Path.Combine(folder, program.IsWeb ? "web-snippets" : "snippets", $"{name}.cs"), program.ToSource(name));
        }

        return ["snippets", "web-snippets"];
    }

    private static void Write(string folder, string sdk, string version)
    {
        Directory.CreateDirectory(folder);
        IEnumerable<string> references = Repository.Packages
            .Where(package => sdk.EndsWith("Web", StringComparison.Ordinal) || !package.EndsWith("AspNetCore", StringComparison.Ordinal))
            .Select(package => $"<PackageReference Include=\"{package}\" Version=\"{version}\" />");
        File.WriteAllText(Path.Combine(folder, $"{Path.GetFileName(folder)}.csproj"), $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Library</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <IsAotCompatible>true</IsAotCompatible>
                <EnableRequestDelegateGenerator>true</EnableRequestDelegateGenerator>
              </PropertyGroup>
              <ItemGroup>
                {string.Join("\n    ", references)}
              </ItemGroup>
            </Project>
            """);
    }
}
