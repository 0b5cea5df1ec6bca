using System.Globalization;
using System.Text.RegularExpressions;
using MeliProxy.LoadBench.Proxies;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.LoadBench.Load;

/// <summary>Connections with HTTP/2 over TLS on which a number of requests is always under way, made by h2load.</summary>
/// <param name="Path">What is asked.</param>
/// <param name="Folder">For its log, which has the latency of each answer.</param>
public sealed partial record Http2Load(string Path, string Folder) : ILoad
{
    public const int Connections = 8;
    public const int Streams = 8;

    public async Task<LoadResult> RunAsync(RunningProxy proxy, int seconds)
    {
        string log = System.IO.Path.Combine(Folder, "h2load.log");
        File.Delete(log);
        using Child h2load = Child.Start(
            "h2load", Folder, "-t", "1", "-c", $"{Connections}", "-m", $"{Streams}", "-D", $"{seconds}", "--log-file", log, $"https://127.0.0.1:{proxy.Https}{Path}");
        string output = string.Join('\n', await h2load.ReadToEndAsync());
        Match requests = RequestsPattern().Match(output);
        if (!requests.Success || !output.Contains("Application protocol: h2", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"h2load failed:\n{output}");
        }

        string[][] rows = [.. File.ReadLines(log).Select(line => line.Split('\t'))];
        return LoadResult.Of(
            [.. rows.Select(row => long.Parse(row[2], CultureInfo.InvariantCulture) / 1e3)],
            rows.Count(row => !row[1].StartsWith('2')),
            requests.Groups.Values.Skip(1).Sum(group => long.Parse(group.Value, CultureInfo.InvariantCulture)),
            TimeSpan.FromSeconds(seconds));
    }

    [GeneratedRegex("([0-9]+) errored, ([0-9]+) timeout")]
    private static partial Regex RequestsPattern();
}
