namespace MeliProxy.RateLimiting.Table;

/// <summary>How a key's state is to be read; enough to tell when it is idle without knowing its rule.</summary>
internal enum SlotKind : byte
{
    TokenBucket = 0,
    WindowOfMilliseconds = 1,
    WindowOfSeconds = 2,
    WindowOfMinutes = 3,
    WindowOfHours = 4,
    SlidingWindowOfMilliseconds = 5,
    SlidingWindowOfSeconds = 6,
    SlidingWindowOfMinutes = 7,
    SlidingWindowOfHours = 8,
    Concurrency = 9,
    Lease = 10,
}
