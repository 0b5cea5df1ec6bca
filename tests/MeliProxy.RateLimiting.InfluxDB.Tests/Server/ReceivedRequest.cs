namespace MeliProxy.RateLimiting.InfluxDB.Tests.Server;

/// <summary>A request as it arrived; the body is what was compressed, if it was.</summary>
internal sealed record ReceivedRequest(string Target, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public bool IsCompressed => Headers.TryGetValue("Content-Encoding", out string? encoding) && encoding == "gzip";

    public IReadOnlyList<string> Lines => Body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
