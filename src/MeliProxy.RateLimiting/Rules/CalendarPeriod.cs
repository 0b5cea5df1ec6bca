namespace MeliProxy.RateLimiting.Rules;

/// <summary>Windows that follow a calendar.</summary>
public enum CalendarPeriod
{
    /// <summary>From one full minute to the next. In configuration: <c>minute</c>.</summary>
    Minute,

    /// <summary>From one full hour to the next. In configuration: <c>hour</c>.</summary>
    Hour,

    /// <summary>From midnight to midnight; 23 or 25 hours where clocks are changed. In configuration: <c>day</c>.</summary>
    Day,

    /// <summary>From midnight on the first to midnight on the next first. In configuration: <c>month</c>.</summary>
    Month,
}
