using System.Net;

namespace MeliProxy.SharingBench.Load;

/// <summary>Connections that each ask again as soon as they are answered: as much as the proxies can do.</summary>
public static class ClosedLoad
{
    private const int ConnectionsPerNode = 4;

    /// <summary>Gives the answers per second.</summary>
    public static async Task<double> RunAsync(IReadOnlyList<IPEndPoint> proxies, string path, TimeSpan duration)
    {
        byte[] request = OpenLoad.Request(path);
        long end = Clock.Now + (long)duration.TotalNanoseconds;
        int[] counts = await Task.WhenAll(
            proxies.SelectMany(proxy => Enumerable.Range(0, ConnectionsPerNode).Select(_ => Task.Run(() => AskAsync(proxy)))));
        return counts.Sum() / duration.TotalSeconds;

        async Task<int> AskAsync(IPEndPoint proxy)
        {
            using ClientConnection connection = new(proxy);
            int count = 0;
            while (Clock.Now < end)
            {
                count += await connection.AskAsync(request, default) == 200 ? 1 : 0;
            }

            return count;
        }
    }
}
