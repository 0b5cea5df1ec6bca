using MeliProxy.Simulation;

if (Options.Parse(args) is not { } options)
{
    Console.Error.WriteLine("Options: [--scenario TEXT] [--report FILE], or --seed N [--on-partition closed|share|local|open] [--cold-start wait|optimistic]");
    return 1;
}

if (options.Seed is { } seed)
{
    Console.WriteLine(SimulationRun.Run(RandomScenario.For(seed, options.OnPartition, options.ColdStart)).Describe());
    return 0;
}

using ReportTable table = new(options.Report);
foreach (Scenario scenario in ReportScenarios.All.Where(s => s.Name.Contains(options.Scenario, StringComparison.OrdinalIgnoreCase)))
{
    table.Add(scenario);
}

return 0;
