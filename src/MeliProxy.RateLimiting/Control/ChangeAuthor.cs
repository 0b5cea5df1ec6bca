namespace MeliProxy.RateLimiting.Control;

/// <summary>Who makes a change, and when.</summary>
/// <param name="At">When.</param>
/// <param name="By">Who, as far as it is known.</param>
/// <param name="Via">The way it came.</param>
/// <param name="Note">What else there is to say.</param>
/// <param name="Id">The scheduled change that has come due; 0 if it is none.</param>
internal sealed record ChangeAuthor(DateTimeOffset At, string? By, string Via, string? Note = null, long Id = 0);
