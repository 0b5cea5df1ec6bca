using System.Text.Json;

namespace MeliProxy.SharingBench.Processes;

/// <summary>What a sidecar tells of itself at <c>GET /api/v1/nodes</c>.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Members">How many it believes there are.</param>
/// <param name="IsCutOff">Whether it is not connected, or follows <c>onPartition</c> for a rule.</param>
/// <param name="OwnsKeys">Whether it owns a shard with keys.</param>
/// <param name="Bounds">The bound of each rule; none where there is no bound.</param>
public sealed record NodeView(string Name, int Members, bool IsCutOff, bool OwnsKeys, IReadOnlyDictionary<string, long> Bounds)
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(3) };

    public static async Task<IReadOnlyList<NodeView>> AskAsync(Uri admin)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(await Client.GetByteArrayAsync(new Uri(admin, "/api/v1/nodes")));
            return [.. document.RootElement.GetProperty("nodes").EnumerateArray().Select(Read)];
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return [];
        }
    }

    public static bool KnowsAll(IReadOnlyList<NodeView> nodes, int count) =>
        nodes.Count == count && nodes.All(node => node.Members == count);

    public static bool Shares(IReadOnlyList<NodeView> nodes, int count) => nodes.Count == count && nodes.All(node => !node.IsCutOff);

    private static NodeView Read(JsonElement node)
    {
        JsonElement[] rules = [.. node.GetProperty("rules").EnumerateArray()];
        return new NodeView(
            node.GetProperty("node").GetString()!,
            node.GetProperty("members").GetInt32(),
            !node.GetProperty("connected").GetBoolean() || rules.Any(rule => rule.GetProperty("cutOff").GetBoolean()),
            node.GetProperty("shards").EnumerateArray().Any(s => s.GetProperty("owned").GetBoolean() && s.GetProperty("keys").GetInt32() > 0),
            rules.Where(rule => rule.GetProperty("bound").ValueKind == JsonValueKind.Number)
                .ToDictionary(rule => rule.GetProperty("rule").GetString()!, rule => rule.GetProperty("bound").GetInt64()));
    }
}
