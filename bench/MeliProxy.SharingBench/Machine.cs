using System.Globalization;
using System.Runtime.InteropServices;

namespace MeliProxy.SharingBench;

/// <summary>What the numbers were measured on.</summary>
public static class Machine
{
    /// <summary>Begins the report.</summary>
    /// <param name="options">Whether it is a quick run.</param>
    /// <param name="report">The report.</param>
    /// <param name="title">What was measured.</param>
    /// <param name="script">What measures it, from the repository's folder.</param>
    public static void Describe(BenchOptions options, BenchReport report, string title, string script)
    {
        string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) ?? ": ?";
        string day = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        report.Line($"# {title}");
        report.Line($"");
        report.Line($"{(options.IsQuick ? "Quick run" : "Full run")} of `{script}` on {day}; {RuntimeInformation.OSDescription}, ");
        report.Line($"{Environment.ProcessorCount} processors ({processor.Split(':')[1].Trim()}), {RuntimeInformation.FrameworkDescription}.");
        report.Line($"How it is measured is in [README.md](README.md).");
    }
}
