namespace MeliProxy.Dashboards.Tests.Chronograf;

/// <summary>Where the files are that users are given.</summary>
internal static class SampleFolder
{
    public static string Repository { get; } = FindRepository();

    public static string Chronograf { get; } = Path.Combine(Repository, "samples", "docker-compose", "chronograf");

    public static string Resources { get; } = Path.Combine(Chronograf, "resources");

    public static string Imports { get; } = Path.Combine(Chronograf, "import");

    public static string Retention { get; } = Path.Combine(Chronograf, "influxdb", "retention.iql");

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MeliProxy.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests have to run inside the repository");
    }
}
