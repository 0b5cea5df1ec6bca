using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Leasing.Messages;

/// <summary>What a ledger answers about one key; see <see cref="MessageFormat"/>.</summary>
internal readonly record struct AnsweredKey(
    KeyHash Hash, ulong Account, long Granted, long ValidMilliseconds, long Remaining, long ResetMilliseconds, long RetryMilliseconds);
