using System.Runtime.InteropServices;
using MeliProxy.SharingBench;
using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;
using MeliProxy.SharingBench.Scenarios;

BenchOptions options = BenchOptions.Parse(args);
Child.IdFile = Path.Combine(options.Folder, "pids");
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Child.EndAll());
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Child.EndAll());
ThreadPool.SetMinThreads(4, 4);

BenchReport report = new();
using Upstream upstream = new();
Bench bench = new(options, upstream, report);
Machine.Describe(options, report, "Shared quotas, measured", "bench/sharing/run.sh");
(string Name, Func<Bench, Task> RunAsync)[] scenarios =
[
    ("admission", Admission.RunAsync),
    ("owner", OwnerKilled.RunAsync),
    ("nats", NatsOutage.RunAsync),
    ("cpu", CpuCost.RunAsync),
    ("redis", RedisSideBySide.RunAsync),
];
try
{
    foreach ((string name, Func<Bench, Task> runAsync) in scenarios)
    {
        if (name.Contains(options.Only, StringComparison.Ordinal))
        {
            await runAsync(bench);
        }
    }
}
finally
{
    Child.EndAll();
}

await File.WriteAllTextAsync(options.Report, report.Text);
foreach (string line in report.ValueLines)
{
    Console.WriteLine(line);
}
