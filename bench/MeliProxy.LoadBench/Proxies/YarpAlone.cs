using System.Globalization;

namespace MeliProxy.LoadBench.Proxies;

/// <summary>YARP with one route and nothing else, which has no limits: <c>bench/MeliProxy.YarpProxy</c>.</summary>
public sealed record YarpAlone(string Program) : ProxyKind("yarp", "YARP alone", HasLimits: false)
{
    public override IEnumerable<string> Files => [Program];

    public override Task<string[]> ConfigureAsync(ProxySetup setup) => Task.FromResult<string[]>(
        [Program, Text(setup.Http), Text(setup.Https), setup.UpstreamUrl, setup.Certificate.Chain, setup.Certificate.Key]);

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
