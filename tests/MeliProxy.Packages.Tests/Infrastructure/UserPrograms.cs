using MeliProxy.Packages.Tests.Infrastructure;
using MeliProxy.Packages.Tests.Snippets;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

[assembly: AssemblyFixture(typeof(UserPrograms))]

namespace MeliProxy.Packages.Tests.Infrastructure;

/// <summary>The packages, and programs outside the repository that take them from a folder; made once for all tests.</summary>
/// <remarks>
/// Packages unpacked for these programs go to a folder of their own, so that neither an old package is taken from the machine's, nor one of
/// these left there; what is not ours is taken from the machine's. One publish of a solution does all the work, for the sake of time.
/// </remarks>
public sealed class UserPrograms : IAsyncLifetime
{
    /// <summary>Build processes that stay for the next build would keep the output open that this one is read from.</summary>
    private const string KeepNoNodes = "-nodeReuse:false";

    private readonly string _folder = Directory.CreateTempSubdirectory("meliproxy-packages-").FullName;
    private string _output = "";

    /// <summary>The version of the packages made here: as released, but told from one that is.</summary>
    public static string Version { get; } = $"{Repository.Version}-packed";

    /// <summary>The folder with the packages.</summary>
    public string Feed => Path.Combine(_folder, "feed");

    private string Programs => Path.Combine(_folder, "programs");

    /// <summary>The published binary of a program.</summary>
    public string BinaryOf(string program) => PublishedFile(program, program);

    /// <summary>A file that publishing a program has made.</summary>
    public string PublishedFile(string program, string name)
    {
        string file = Path.Combine(Programs, program, "bin", "published", name);
        Assert.True(File.Exists(file), $"{program} was not published:\n{_output}");
        return file;
    }

    /// <summary>Fails if building or publishing complained of a file or project.</summary>
    public void AssertNoComplaintAbout(string path)
    {
        string complaints = string.Join('\n', _output.Split('\n').Where(line => line.Contains(path, StringComparison.Ordinal)
            && (line.Contains(" error ", StringComparison.Ordinal) || line.Contains(" warning ", StringComparison.Ordinal))).Distinct());
        Assert.True(complaints.Length == 0, complaints);
    }

    public async ValueTask InitializeAsync()
    {
        await PackAsync();
        await WriteNuGetConfigAsync();
        List<string> programs =
        [
            CopyProgram(Repository.PathOf("tests", "MeliProxy.Packages.Tests", "Programs", "console")),
            CopyProgram(Repository.PathOf("tests", "MeliProxy.Packages.Tests", "Programs", "web-api")),
            CopyProgram(Repository.PathOf("samples", "message-consumer")),
            CopyProgram(Repository.PathOf("samples", "outgoing-http")),
            .. SnippetProjects.Write(Programs, Version),
        ];
        string solution = Path.Combine(Programs, "programs.slnx");
        IEnumerable<string> projects = programs.Select(program => $"<Project Path=\"{program}/{program}.csproj\" />");
        await File.WriteAllTextAsync(solution, $"<Solution>{string.Concat(projects)}</Solution>");

        FinishedProcess publish = await DotnetAsync(
            Programs, "publish", solution, "-c", "Release", "-nologo", "-p:PublishDir=bin/published/", KeepNoNodes);
        _output = publish.Output + publish.Errors;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task PackAsync()
    {
        // Built beside the repository's other artifacts, so that what other tests have built stays as it is.
        string work = Repository.PathOf("artifacts", "test-packages");
        Directory.CreateDirectory(work);
        string filter = Path.Combine(work, "libraries.slnf");
        IEnumerable<string> projects = Repository.Packages.Select(name => $"\"src/{name}/{name}.csproj\"");
        await File.WriteAllTextAsync(
            filter, $$"""{ "solution": { "path": "../../MeliProxy.sln", "projects": [{{string.Join(", ", projects)}}] } }""");
        FinishedProcess pack = await DotnetAsync(
            Repository.Root,
            "pack", filter, "-nologo", "-v", "quiet", "-o", Feed, "--artifacts-path", work, $"-p:Version={Version}", KeepNoNodes);
        Assert.True(pack.ExitCode == 0, pack.Output + pack.Errors);
    }

    private async Task WriteNuGetConfigAsync()
    {
        FinishedProcess locals =
            await DotnetAsync(Repository.Root, "nuget", "locals", "global-packages", "--list", "--force-english-output");
        string machine = locals.Output[(locals.Output.IndexOf(": ", StringComparison.Ordinal) + 2)..].Trim();
        await File.WriteAllTextAsync(Path.Combine(_folder, "nuget.config"), $"""
            <configuration>
              <config>
                <add key="globalPackagesFolder" value="{Path.Combine(_folder, "packages")}" />
              </config>
              <fallbackPackageFolders>
                <add key="machine" value="{machine}" />
              </fallbackPackageFolders>
              <packageSources>
                <add key="packed" value="{Feed}" />
              </packageSources>
            </configuration>
            """);
    }

    /// <summary>Copies a program and has it take the packages made here instead of the released ones.</summary>
    private string CopyProgram(string folder)
    {
        string name = Path.GetFileName(folder);
        Directory.CreateDirectory(Path.Combine(Programs, name));
        foreach (string file in Directory.GetFiles(folder))
        {
            string text = File.ReadAllText(file);
            File.WriteAllText(
                Path.Combine(Programs, name, Path.GetFileName(file)),
                file.EndsWith(".csproj", StringComparison.Ordinal) ? text.Replace($"\"{Repository.Version}\"", $"\"{Version}\"") : text);
        }

        return name;
    }

    private static Task<FinishedProcess> DotnetAsync(string folder, params string[] arguments) =>
        FinishedProcess.RunAsync("dotnet", arguments, folder);
}
