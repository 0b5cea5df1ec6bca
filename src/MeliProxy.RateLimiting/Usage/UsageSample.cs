namespace MeliProxy.RateLimiting.Usage;

/// <summary>Whether a decision is counted by its keys, and for how many it stands.</summary>
/// <param name="Weight">For how many decisions it stands; 0 if it is not counted.</param>
/// <param name="IsRejection">Whether the decision is a rejection. What rules that agreed then have to say is not counted.</param>
/// <param name="At">The moment, in <see cref="Algorithms.QuotaInstant.Units"/>.</param>
internal readonly record struct UsageSample(int Weight, bool IsRejection, long At);
