namespace MeliProxy.Sidecar.Demo;

/// <summary>The demo's configuration, which is part of the binary.</summary>
internal static class DemoConfiguration
{
    private const string Resource = "meliproxy.demo.json";

    public static byte[] Read()
    {
        using Stream stream = typeof(DemoConfiguration).Assembly.GetManifestResourceStream(Resource)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
