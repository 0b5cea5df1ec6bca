using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Leasing.Messages;

/// <summary>One key's account as a holder reports it; see <see cref="MessageFormat"/>. All but the last only grow within an account.</summary>
internal readonly record struct ReportedKey(
    KeyHash Hash, ulong Account, long Granted, long Allowed, long Spent, long Returned, long Wanted);
