using System.Globalization;
using MeliProxy.LoadBench.Proxies;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.LoadBench.Load;

/// <summary>Connections with HTTP/1.1 that each ask again as soon as they are answered, made by wrk.</summary>
public sealed record WrkLoad(string Path) : ILoad
{
    public const int UsualConnections = 64;

    public int Connections { get; init; } = UsualConnections;

    public bool IsTls { get; init; }

    /// <summary>A file beside this one that says what is asked.</summary>
    public string Script { get; init; } = "result.lua";

    public async Task<LoadResult> RunAsync(RunningProxy proxy, int seconds)
    {
        string url = IsTls ? $"https://127.0.0.1:{proxy.Https}{Path}" : $"http://127.0.0.1:{proxy.Http}{Path}";
        string script = System.IO.Path.Combine(AppContext.BaseDirectory, "Load", Script);
        using Child wrk = Child.Start("wrk", Environment.CurrentDirectory, "-t", "1", "-c", $"{Connections}", "-d", $"{seconds}s", "-s", script, url);
        IReadOnlyList<string> output = await wrk.ReadToEndAsync();
        string line = output.LastOrDefault(line => line.StartsWith("result ", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"wrk failed:\n{string.Join('\n', output)}");
        long[] values = [.. line.Split(' ').Skip(1).Select(value => long.Parse(value, CultureInfo.InvariantCulture))];
        return new LoadResult(
            values[0], values[2], values[3], TimeSpan.FromMicroseconds(values[1]), values[4] / 1e3, values[5] / 1e3, values[6] / 1e3);
    }
}
