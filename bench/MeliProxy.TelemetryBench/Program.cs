using System.Globalization;
using MeliProxy.SharingBench.Load;
using MeliProxy.SharingBench.Processes;
using MeliProxy.SharingBench.Scenarios;
using MeliProxy.TelemetryBench;

// Usage: MeliProxy.TelemetryBench SIDECAR FOLDER ROUNDS SECONDS
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int rounds = int.Parse(args[2], CultureInfo.InvariantCulture);
TimeSpan slice = TimeSpan.FromSeconds(double.Parse(args[3], CultureInfo.InvariantCulture));
using Upstream upstream = new();
using Collector collector = new();
List<Subject> subjects = [];
Pinning.Pin(Environment.ProcessId, "1");
try
{
    foreach (Variant variant in Variant.All)
    {
        subjects.Add(await Subject.StartAsync(variant, args[0], args[1], upstream.Url, collector.Url));
    }

    // The first round warms up. In each, the order is another, so that none is always after the same.
    for (int round = 0; round <= rounds; round++)
    {
        for (int i = 0; i < subjects.Count; i++)
        {
            Subject subject = subjects[(i + round) % subjects.Count];
            double cost = await subject.MeasureAsync(slice);
            if (round > 0)
            {
                subject.Costs.Add(cost);
            }
        }
    }
}
finally
{
    Child.EndAll();
}

Console.WriteLine("| telemetry | µs of processor time a request | of that without |");
Console.WriteLine("|---|---|---|");
foreach (Subject subject in subjects)
{
    double ratio = Median.Of(subject.Costs.Zip(subjects[0].Costs, (cost, off) => cost / off));
    Console.WriteLine($"| {subject.Variant.Name} | {Median.Of(subject.Costs):F1} | {ratio:F3} |");
}
