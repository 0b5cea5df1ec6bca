using MeliProxy.LoadBench.Processes;
using MeliProxy.SharingBench.Load;

namespace MeliProxy.LoadBench.Proxies;

/// <summary>A proxy that takes requests.</summary>
/// <param name="Kind">Which it is.</param>
/// <param name="Process">Its process.</param>
/// <param name="Http">Its port.</param>
/// <param name="Https">Its port for TLS.</param>
/// <param name="StartTime">From its start to its first answer that came from the upstream.</param>
public sealed record RunningProxy(ProxyKind Kind, ServerProcess Process, int Http, int Https, TimeSpan StartTime) : IDisposable
{
    public static async Task<RunningProxy> StartAsync(ProxyKind kind, ProxySetup setup)
    {
        Directory.CreateDirectory(setup.Folder);
        string[] command = await kind.ConfigureAsync(setup);
        long start = Clock.Now;
        ServerProcess process = ServerProcess.Start(Cores.Proxy, setup.Folder, kind.EnvironmentFor(setup), command);
        await Probe.WaitAsync(process, setup.Http);
        TimeSpan startTime = TimeSpan.FromMicroseconds((Clock.Now - start) / 1e3);
        await Probe.WaitForConnectionAsync(process, setup.Https);
        process.TellOfChildren();
        return new RunningProxy(kind, process, setup.Http, setup.Https, startTime);
    }

    public void Dispose() => Process.Dispose();
}
