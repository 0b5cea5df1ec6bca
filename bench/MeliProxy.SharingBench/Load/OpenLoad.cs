using System.Net;
using System.Text;
using System.Threading.Channels;

namespace MeliProxy.SharingBench.Load;

/// <summary>Requests that come when they come, however long the answers take.</summary>
public static class OpenLoad
{
    private const int ConnectionsPerNode = 16;

    /// <summary>A client that has not got a connection for this long gives up.</summary>
    private const long Patience = Clock.Second;

    /// <summary>How long answers are waited for at the end.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(2);

    public static byte[] Request(string path) => Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n");

    public static async Task<Run> RunAsync(IReadOnlyList<IPEndPoint> proxies, string path, Arrivals arrivals)
    {
        (long After, int Node)[] schedule = [.. arrivals.For(proxies.Count)];
        Sample[] samples = new Sample[schedule.Length];
        byte[] request = Request(path);
        using CancellationTokenSource end = new();
        Channel<(int Index, long Due)>[] queues = [.. proxies.Select(_ => Channel.CreateUnbounded<(int, long)>())];
        Task[] clients = [.. proxies.SelectMany((proxy, node) => Enumerable.Range(0, ConnectionsPerNode).Select(_ => ServeAsync(proxy, node)))];

        long start = Clock.Now;
        await Task.Factory.StartNew(Dispatch, default, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        long stop = Clock.Now;
        end.CancelAfter(LastPatience);
        await Task.WhenAll(clients);
        return new Run(samples, start, stop);

        void Dispatch()
        {
            for (int next = 0; next < schedule.Length;)
            {
                Thread.Sleep(1);
                for (long now = Clock.Now; next < schedule.Length && start + schedule[next].After <= now; next++)
                {
                    // What has become due since the last look is due now: the time that this thread slept is no proxy's.
                    queues[schedule[next].Node].Writer.TryWrite((next, now));
                }
            }

            foreach (Channel<(int, long)> queue in queues)
            {
                queue.Writer.Complete();
            }
        }

        async Task ServeAsync(IPEndPoint proxy, int node)
        {
            using ClientConnection connection = new(proxy);
            await foreach ((int index, long due) in queues[node].Reader.ReadAllAsync())
            {
                long sent = Clock.Now;
                bool givesUp = sent - due > Patience;
                int status = givesUp ? 0 : await connection.AskAsync(request, end.Token);
                samples[index] = new Sample(node, due, givesUp ? 0 : sent, status == 0 ? 0 : Clock.Now, status);
            }
        }
    }
}
