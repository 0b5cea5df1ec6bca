using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

[assembly: AssemblyFixture(typeof(PublishedBinary))]

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>The sidecar published as Native AOT, made once for all tests that drive it.</summary>
public sealed class PublishedBinary : IAsyncLifetime
{
    public string Path { get; private set; } = "";

    /// <summary>The configuration that users are given to copy.</summary>
    public string SampleConfiguration { get; } = System.IO.Path.Combine(FindRepository(), "samples", "sidecar", "meliproxy.json");

    /// <summary>The folder of the walk that changes rules.</summary>
    public string OperationsSample { get; } = System.IO.Path.Combine(FindRepository(), "samples", "operations");

    /// <summary>What publishing printed.</summary>
    public string PublishOutput { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        string repository = FindRepository();
        string output = System.IO.Path.Combine(repository, "artifacts", "test-sidecar");
        FinishedProcess publish = await FinishedProcess.RunAsync(
            "dotnet",
            ["publish", System.IO.Path.Combine(repository, "src", "MeliProxy.Sidecar"), "-c", "Release", "-o", output, "-nologo"]);
        PublishOutput = publish.Output + publish.Errors;
        Assert.True(publish.ExitCode == 0, PublishOutput);
        Path = System.IO.Path.Combine(output, "meliproxy");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "MeliProxy.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests have to run inside the repository");
    }
}
