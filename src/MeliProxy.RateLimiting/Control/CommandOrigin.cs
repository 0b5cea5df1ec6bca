namespace MeliProxy.RateLimiting.Control;

/// <summary>Where a command comes from, for the record.</summary>
/// <param name="Via">The way it came, such as <c>rest</c> or <c>nats</c>.</param>
/// <param name="By">
/// Who sent it, as far as that is known for sure, such as the name of a token. <see langword="null"/>: nobody known; then the record has what
/// the command itself says.
/// </param>
public sealed record CommandOrigin(string Via, string? By = null);
