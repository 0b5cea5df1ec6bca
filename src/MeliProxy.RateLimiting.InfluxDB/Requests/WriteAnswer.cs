namespace MeliProxy.RateLimiting.InfluxDB.Requests;

/// <summary>What a server said to a request to write, or why it said nothing.</summary>
/// <param name="Outcome">What became of the points.</param>
/// <param name="Reason">In words, fit for a log.</param>
/// <param name="RefusedPoints">How many points are refused, if only some are.</param>
/// <param name="RetryAfter">How long the server wants to be left alone, if it said so.</param>
internal readonly record struct WriteAnswer(
    WriteOutcome Outcome, string Reason = "", int RefusedPoints = 0, TimeSpan? RetryAfter = null);
