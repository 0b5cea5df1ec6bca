using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>Tells the holder of a key that needs it.</summary>
/// <param name="Hash">The key.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="Limit">The limit's position in the rule.</param>
/// <param name="Missed">Permits that were asked for and not there.</param>
/// <param name="Overdrawn">Permits that were charged and not there.</param>
internal readonly record struct LeaseSignal(KeyHash Hash, BoundRule Rule, int Limit, long Missed, long Overdrawn);
