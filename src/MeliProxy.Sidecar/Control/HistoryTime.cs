using System.Globalization;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Usage.History;
using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Control;

/// <summary>Reads of which time history is wanted, and in which steps.</summary>
internal static class HistoryTime
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    /// <summary>Moments are rounded up to whole steps, which have to be moments too.</summary>
    private const int MostYear = 9000;

    private static readonly TimeSpan Default = TimeSpan.FromHours(1);
    private static readonly string StepNames =
        string.Join(", ", HistoryRange.Steps.Select(step => DurationText.Format(TimeSpan.FromSeconds(step))));

    private static string LongestStep => DurationText.Format(TimeSpan.FromSeconds(HistoryRange.Steps[^1]));

    /// <summary>Reads <c>from</c>, <c>to</c> and <c>step</c>.</summary>
    /// <param name="members">The body's members.</param>
    /// <param name="command">The command.</param>
    /// <param name="now">The time.</param>
    /// <returns>The time in steps; <see langword="null"/> if none of them is given and the command has another answer to that.</returns>
    public static HistoryRange? Read(JsonMembers members, string command, DateTimeOffset now)
    {
        string? from = members.ReadString("from");
        string? to = members.ReadString("to");
        string? step = command == SidecarCommands.Top ? null : members.ReadString("step");
        if (from is null && to is null && step is null && command != SidecarCommands.TrafficQuery)
        {
            return null;
        }

        DateTimeOffset end = to is null ? now : ReadMoment(members, "to", to, now) ?? now;
        DateTimeOffset begin = from is null ? Before(end, Default) : ReadMoment(members, "from", from, now) ?? Before(end, Default);
        if (begin >= end)
        {
            members.Error("from", "has to be before the end, which is 'to' or now");
            return null;
        }

        if (command == SidecarCommands.Top)
        {
            // It is one list of the whole time, which is told to the minute however long it is.
            return HistoryRange.Of(begin.ToUnixTimeSeconds(), End(end), Resolution.Minute.Seconds);
        }

        HistoryRange chosen = HistoryRange.Of(begin.ToUnixTimeSeconds(), End(end));
        if (chosen.Points > HistoryRange.MostPoints)
        {
            members.Error(
                "from", $"makes {chosen.Points:N0} points in the longest step, {LongestStep}, and {HistoryRange.MostPoints:N0} are the most: take a shorter time");
            return null;
        }

        return step is null ? chosen : InSteps(members, step, begin, end) ?? chosen;
    }

    private static HistoryRange? InSteps(JsonMembers members, string text, DateTimeOffset begin, DateTimeOffset end)
    {
        if (!DurationText.TryParse(text, out TimeSpan length) || !HistoryRange.Steps.Contains((long)length.TotalSeconds) || length.Milliseconds != 0)
        {
            members.Error("step", $"must be one of {StepNames}");
            return null;
        }

        HistoryRange range = HistoryRange.Of(begin.ToUnixTimeSeconds(), End(end), (long)length.TotalSeconds);
        if (range.Points <= HistoryRange.MostPoints)
        {
            return range;
        }

        members.Error("step", $"makes {range.Points:N0} points, and {HistoryRange.MostPoints:N0} are the most: take a longer step or a shorter time");
        return null;
    }

    private static DateTimeOffset? ReadMoment(JsonMembers members, string name, string text, DateTimeOffset now)
    {
        if (text.StartsWith('-') && DurationText.TryParse(text.AsSpan(1), out TimeSpan ago))
        {
            return Before(now, ago);
        }

        if (DateTimeOffset.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
            && moment >= DateTimeOffset.UnixEpoch
            && moment.Year <= MostYear)
        {
            return moment;
        }

        members.Error(name, "must be a moment such as \"2026-11-28T08:00:00Z\", or a time before now such as \"-15m\"");
        return null;
    }

    private static DateTimeOffset Before(DateTimeOffset moment, TimeSpan time) =>
        time < moment - DateTimeOffset.UnixEpoch ? moment - time : DateTimeOffset.UnixEpoch;

    /// <summary>The second that begins no earlier than a moment.</summary>
    private static long End(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
}
