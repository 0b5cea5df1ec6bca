using System.Globalization;

namespace MeliProxy.LoadBench.Processes;

/// <summary>Who runs where, and how busy it is there.</summary>
public static class Cores
{
    /// <summary>The load, the upstream and this program.</summary>
    public const string Load = "0";

    /// <summary>The proxies, one of which is under load at a time.</summary>
    public const string Proxy = "1";

    private const int FirstIdleField = 4;
    private const int CountedFields = 8;

    /// <summary>Idle time and all time of the load's core so far, in the kernel's ticks.</summary>
    public static (long Idle, long All) ReadLoadCore()
    {
        string line = File.ReadLines("/proc/stat").First(line => line.StartsWith($"cpu{Load} ", StringComparison.Ordinal));

        // user nice system idle iowait irq softirq steal; what follows is counted in the first two as well.
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long[] ticks = [.. fields[1..(CountedFields + 1)].Select(field => long.Parse(field, CultureInfo.InvariantCulture))];
        return (ticks[FirstIdleField - 1] + ticks[FirstIdleField], ticks.Sum());
    }
}
