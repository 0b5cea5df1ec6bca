using System.Net;
using System.Text.RegularExpressions;

namespace MeliProxy.SharingBench.Processes;

/// <summary>One proxy process.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="Process">Its process.</param>
/// <param name="Listen">Where clients connect.</param>
/// <param name="Admin">Its admin listener, if it has one.</param>
public sealed partial record Proxy(string Name, Child Process, IPEndPoint Listen, Uri? Admin)
{
    /// <summary>Starts it and waits until it takes requests.</summary>
    public static async Task<Proxy> StartAsync(string name, string program, string folder, params string[] arguments)
    {
        Child process = Child.Start(program, folder, arguments);
        string line = await process.WaitForLineAsync("listens on");
        string[] urls = [.. UrlPattern().Matches(line).Select(match => match.Value)];
        bool hasAdmin = line.Contains("admin on", StringComparison.Ordinal);
        return new Proxy(name, process, IPEndPoint.Parse(new Uri(urls[0]).Authority), hasAdmin ? new Uri(urls[1]) : null);
    }

    [GeneratedRegex("http://[0-9.:]+")]
    private static partial Regex UrlPattern();
}
