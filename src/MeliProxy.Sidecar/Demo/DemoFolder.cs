namespace MeliProxy.Sidecar.Demo;

/// <summary>A temporary folder for what the demo stores, gone with it.</summary>
internal sealed class DemoFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meliproxy-demo-");

    public string UsageStore => Path.Combine(_folder.FullName, "meliproxy-usage.db");

    public void Dispose() => _folder.Delete(recursive: true);
}
