using System.Text.Json;

namespace MeliProxy.Dashboards.Tests.Chronograf;

/// <summary>A dashboard, as far as it is asked for here.</summary>
internal sealed record Dashboard(int Id, string Name, IReadOnlyList<DashboardCell> Cells, IReadOnlyList<DashboardVariable> Templates)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static IEnumerable<string> Names => ["overview", "rule"];

    public static Dashboard Read(string name) => JsonSerializer.Deserialize<Dashboard>(ReadText(name), Json)!;

    public static string ReadText(string name) => File.ReadAllText(Path.Combine(SampleFolder.Resources, $"{name}.dashboard"));

    public static string ReadImportText(string name) => File.ReadAllText(Path.Combine(SampleFolder.Imports, $"{name}.json"));
}
