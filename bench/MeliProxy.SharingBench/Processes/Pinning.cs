using System.Diagnostics;

namespace MeliProxy.SharingBench.Processes;

/// <summary>Which processors a process may run on.</summary>
public static class Pinning
{
    public static string AllProcessors => $"0-{Environment.ProcessorCount - 1}";

    /// <summary>Pins all threads of a process; those that it starts later follow.</summary>
    public static void Pin(int id, string processors)
    {
        ProcessStartInfo start = new("taskset", ["-a", "-c", "-p", processors, $"{id}"]) { RedirectStandardOutput = true };
        using Process taskset = Process.Start(start)!;
        taskset.StandardOutput.ReadToEnd();
        taskset.WaitForExit();
    }
}
