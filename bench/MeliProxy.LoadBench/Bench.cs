using MeliProxy.LoadBench.Processes;
using MeliProxy.LoadBench.Proxies;
using MeliProxy.SharingBench;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.LoadBench;

/// <summary>What all scenarios run on, and where they say what they found.</summary>
/// <param name="IsQuick">Shorter, and so less exact.</param>
/// <param name="Folder">For the files of a run.</param>
/// <param name="Proxies">Those to measure.</param>
/// <param name="Upstream">What is behind them.</param>
/// <param name="Certificate">What everyone shows.</param>
/// <param name="Report">What was found.</param>
public sealed record Bench(
    bool IsQuick, string Folder, IReadOnlyList<ProxyKind> Proxies, UpstreamServer Upstream, Certificate Certificate, BenchReport Report)
{
    /// <summary>What went wrong that must not.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>A setup on free ports, in a folder of its own, without anything special.</summary>
    public ProxySetup CreateSetup(string name) => new()
    {
        Folder = Path.Combine(Folder, name),
        Http = Servers.FreePort(),
        Https = Servers.FreePort(),
        UpstreamPort = Upstream.Http,
        Certificate = Certificate,
    };
}
