using System.Text;

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>Runs a scenario under many schedules. How, and what that cannot show, is told in README.md.</summary>
internal static class Explorer
{
    private const int MaxExecutions = 1_000_000;

    /// <summary>Runs under all schedules with at most a number of interruptions.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="InterleavingException">Something did not hold under one of them.</exception>
    public static int Exhaust(int interruptions, Func<Scenario> scenario, Fault? fault = null)
    {
        ExhaustiveSchedule schedule = new(interruptions);
        SharedPlaces places = new();
        int executions = 0;
        WithStrands(scenario, strands =>
        {
            while (true)
            {
                int known = places.Count;
                Run(strands, scenario, schedule, places, fault);
                executions++;
                if (executions > MaxExecutions)
                {
                    throw new InvalidOperationException($"The scenario has more than {MaxExecutions} schedules; make it smaller.");
                }

                if (places.Count != known)
                {
                    // There are more points than were known, so the schedules so far do not count.
                    schedule.Restart();
                    executions = 0;
                }
                else if (!schedule.Next())
                {
                    return;
                }
            }
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{executions} schedules");
        return executions;
    }

    /// <summary>Runs under random schedules.</summary>
    /// <exception cref="InterleavingException">Something did not hold under one of them.</exception>
    public static void Sample(int seeds, int changes, Func<Scenario> scenario, Fault? fault = null)
    {
        SharedPlaces places = new();
        WithStrands(scenario, strands =>
        {
            int points = 1;
            for (int seed = 0; seed < seeds; seed++)
            {
                points = Math.Max(points, Run(strands, scenario, new RandomSchedule(seed, strands.Length, points, changes), places, fault));
            }
        });
    }

    /// <summary>Runs under a schedule that an <see cref="InterleavingException"/> told.</summary>
    /// <exception cref="InterleavingException">Something did not hold.</exception>
    public static void Replay(string schedule, Func<Scenario> scenario, Fault? fault = null) =>
        WithStrands(scenario, strands => Run(strands, scenario, new RecordedSchedule(schedule), new SharedPlaces(), fault));

    private static void WithStrands(Func<Scenario> scenario, Action<Strand[]> run)
    {
        Strand[] strands = [.. Enumerable.Range(0, scenario().Strands.Length).Select(i => new Strand(i))];
        try
        {
            run(strands);
        }
        finally
        {
            foreach (Strand strand in strands)
            {
                strand.Dispose();
            }
        }
    }

    private static int Run(Strand[] strands, Func<Scenario> scenario, Schedule schedule, SharedPlaces places, Fault? fault)
    {
        using Execution execution = new(strands, schedule, places, fault);
        try
        {
            execution.Run(scenario());
            return execution.Points;
        }
        catch (Exception e)
        {
            throw new InterleavingException(execution.Switches, Describe(strands, scenario, execution.Switches, fault), e);
        }
    }

    /// <summary>Runs a schedule again, to tell its steps.</summary>
    private static string Describe(Strand[] strands, Func<Scenario> scenario, string schedule, Fault? fault)
    {
        StringBuilder log = new();
        using Execution execution = new(strands, new RecordedSchedule(schedule), new SharedPlaces(), fault, log);
        try
        {
            execution.Run(scenario());
        }
        catch (Exception)
        {
            // It is the failure that is being described.
        }

        return log.ToString();
    }
}
