using System.Globalization;
using MeliProxy.SharingBench;

namespace MeliProxy.LoadBench;

/// <summary>What the script says to this bench.</summary>
/// <param name="Shared">What it says to every bench.</param>
/// <param name="YarpProxy">The program of YARP alone.</param>
/// <param name="Proxies">The names of those to measure; all if empty.</param>
/// <param name="SoakMinutes">Load on the sidecar alone for so long instead of everything else; 0 for everything else.</param>
public sealed record LoadOptions(BenchOptions Shared, string YarpProxy, IReadOnlyList<string> Proxies, int SoakMinutes)
{
    public static LoadOptions Parse(string[] arguments)
    {
        return new LoadOptions(
            BenchOptions.Parse(arguments),
            Value("--yarp-proxy") ?? "",
            (Value("--proxies") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            int.Parse(Value("--soak") ?? "0", CultureInfo.InvariantCulture));

        string? Value(string name) => Array.IndexOf(arguments, name) is int at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
    }
}
