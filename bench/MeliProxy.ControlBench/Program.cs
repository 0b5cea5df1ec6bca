using System.Runtime.InteropServices;
using MeliProxy.ControlBench;
using MeliProxy.SharingBench;
using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;

BenchOptions options = BenchOptions.Parse(args);
Child.IdFile = Path.Combine(options.Folder, "pids");
using PosixSignalRegistration term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Child.EndAll());
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Child.EndAll());
ThreadPool.SetMinThreads(4, 4);

BenchReport report = new();
using Upstream upstream = new();
Bench bench = new(options, upstream, report);
Machine.Describe(options, report, "Changing rules while it runs, measured", "bench/control/run.sh");
try
{
    await ChangesUnderLoad.RunAsync(bench);
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
