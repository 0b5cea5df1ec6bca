namespace MeliProxy.RateLimiting.Rules;

/// <summary>
/// What a rule applies to. Every condition that is set must hold; a match with no condition holds for everything.
/// </summary>
/// <remarks>
/// This is data. What it means for a kind of resource is up to <see cref="QuotaLimiterOptions{TResource}.RuleMatcher"/>;
/// <c>MeliProxy.RateLimiting.AspNetCore</c> gives it the meaning of the HTTP words used here.
/// </remarks>
public sealed record RuleMatch
{
    /// <summary>
    /// A path pattern such as <c>/items/{id}</c> or <c>/categories/{**rest}</c>: literal segments, <c>{name}</c> for one segment and,
    /// at the end only, <c>{**name}</c> for any number of segments. <see langword="null"/>, the default: any path.
    /// </summary>
    public string? Path { get; init; }

    /// <summary>HTTP methods, without regard to case. Empty, the default: any.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary>
    /// Host names without port, without regard to case; <c>*.example.com</c> stands for every name below <c>example.com</c>.
    /// Empty, the default: any.
    /// </summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Header names with the exact value they must have, or <c>*</c> for any value. Empty, the default: no condition.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Whether the rule is for endpoints only that ask for it by name, as ASP.NET Core's do with <c>RequireQuota</c>. Default: no.
    /// </summary>
    public bool Endpoint { get; init; }
}
