using System.Globalization;

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>Follows a schedule written as <c>0@0 1@17 0@42</c>: strand 0 from the beginning, 1 from step 17, 0 from step 42.</summary>
internal sealed class RecordedSchedule : Schedule
{
    private readonly Dictionary<int, int> _switches = [];

    public RecordedSchedule(string schedule)
    {
        foreach (string[] part in schedule.Split(' ').Select(p => p.Split('@')))
        {
            _switches.Add(int.Parse(part[1], CultureInfo.InvariantCulture), int.Parse(part[0], CultureInfo.InvariantCulture));
        }
    }

    public override int Choose(int step, int current, IReadOnlyList<int> ready, bool isPoint) =>
        _switches.TryGetValue(step, out int strand) && ready.Contains(strand) ? strand : current >= 0 ? current : ready[0];
}
