namespace MeliProxy.RateLimiting.Table;

/// <summary>How a slot's state is to be read; enough to tell when its key is idle without knowing its rule.</summary>
internal enum SlotKind : byte
{
    TokenBucket = 0,
    WindowOfMilliseconds = 1,
    WindowOfSeconds = 2,
    WindowOfMinutes = 3,
    WindowOfHours = 4,
}
