using MeliProxy.SharingBench.Load;

namespace MeliProxy.SharingBench;

/// <summary>What all scenarios run on, and where they say what they found.</summary>
/// <param name="Options">What the script says.</param>
/// <param name="Upstream">What is behind the proxies.</param>
/// <param name="Report">What was found.</param>
public sealed record Bench(BenchOptions Options, Upstream Upstream, BenchReport Report)
{
    public const int Nodes = 8;

    public string Folder => Options.Folder;

    /// <summary>A length of time in a full run, or in a quick one.</summary>
    public TimeSpan Time(double seconds, double quick) => TimeSpan.FromSeconds(Options.IsQuick ? quick : seconds);
}
