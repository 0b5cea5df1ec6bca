using System.Globalization;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Simulation;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    /// <summary>A random scenario, as tests run it.</summary>
    public int? Seed { get; private init; }

    public PartitionBehavior OnPartition { get; private init; } = PartitionBehavior.Closed;

    public ColdStartBehavior ColdStart { get; private init; } = ColdStartBehavior.Wait;

    /// <summary>Part of the names of the scenarios to run; empty: all.</summary>
    public string Scenario { get; private init; } = "";

    /// <summary>Where to write the table, beside printing it.</summary>
    public string? Report { get; private init; }

    /// <summary>Reads pairs of option and value; <see langword="null"/> if they are none.</summary>
    public static Options? Parse(string[] args)
    {
        Options? options = new();
        for (int i = 0; i < args.Length && options is not null; i += 2)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            options = args[i] switch
            {
                "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seed) => options with { Seed = seed },
                "--on-partition" when Enum.TryParse(value, ignoreCase: true, out PartitionBehavior behavior) => options with { OnPartition = behavior },
                "--cold-start" when Enum.TryParse(value, ignoreCase: true, out ColdStartBehavior start) => options with { ColdStart = start },
                "--scenario" when value.Length > 0 => options with { Scenario = value },
                "--report" when value.Length > 0 => options with { Report = value },
                _ => null,
            };
        }

        return options;
    }
}
