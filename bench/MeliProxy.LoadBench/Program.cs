using System.Runtime.InteropServices;
using MeliProxy.LoadBench;
using MeliProxy.LoadBench.Processes;
using MeliProxy.LoadBench.Proxies;
using MeliProxy.LoadBench.Scenarios;
using MeliProxy.SharingBench;
using MeliProxy.SharingBench.Processes;

LoadOptions options = LoadOptions.Parse(args);
BenchOptions shared = options.Shared;
if (Environment.ProcessorCount < 2)
{
    Console.Error.WriteLine("A core for the proxies and one for the load are needed");
    return 1;
}

Child.IdFile = Path.Combine(shared.Folder, "pids");
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Child.EndAll());
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Child.EndAll());

ProxyKind[] all = [new SidecarProxy(shared.Sidecar), new NginxProxy(), new HAProxyProxy(), new CaddyProxy(), new YarpAlone(options.YarpProxy)];
if (options.Proxies.Except(all.Select(kind => kind.Name)).FirstOrDefault() is { } unknown)
{
    Console.Error.WriteLine($"There is no proxy {unknown}; there are {string.Join(", ", all.Select(kind => kind.Name))}");
    return 1;
}

BenchReport report = new();
bool soaks = options.SoakMinutes > 0;
Machine.Describe(
    shared, report, soaks ? "The sidecar under load for long" : "The sidecar beside other proxies", soaks ? "bench/load/run.sh soak" : "bench/load/run.sh");

// What is started from here, such as the loads, is where this is.
Pinning.Pin(Environment.ProcessId, Cores.Load);
Certificate certificate = Certificate.Create(shared.Folder);
using UpstreamServer upstream = await UpstreamServer.StartAsync(Path.Combine(shared.Folder, "upstream"), certificate);
Bench bench = new(
    shared.IsQuick,
    shared.Folder,
    [.. all.Where(kind => options.Proxies.Count == 0 || options.Proxies.Contains(kind.Name))],
    upstream,
    certificate,
    report);
if (soaks)
{
    await Soak.RunAsync(bench, options.SoakMinutes);
}
else
{
    foreach (Scenario scenario in Scenario.All(bench).Where(scenario => scenario.Name.Contains(shared.Only, StringComparison.Ordinal)))
    {
        await ScenarioRun.RunAsync(bench, scenario);
    }

    if (Startup.Name.Contains(shared.Only, StringComparison.Ordinal))
    {
        await Startup.RunAsync(bench);
    }
}

if (bench.Errors.Count > 0)
{
    report.Title("Errors");
    bench.Errors.ForEach(error => report.Line($"* {error}"));
}

await File.WriteAllTextAsync(shared.Report, report.Text);
foreach (string line in report.ValueLines)
{
    Console.WriteLine(line);
}

return bench.Errors.Count > 0 ? 1 : 0;
