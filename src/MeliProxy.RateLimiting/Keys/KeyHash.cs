namespace MeliProxy.RateLimiting.Keys;

/// <summary>The 128 bits that stand for one key of one rule.</summary>
internal readonly record struct KeyHash(ulong Low, ulong High);
