using System.Threading.RateLimiting;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>A decision as a lease. Permits are spent when it is given, so disposing it does nothing.</summary>
internal sealed class QuotaLease : RateLimitLease
{
    /// <summary>The lease of everything that is allowed.</summary>
    public static readonly QuotaLease Allowed = new(default);

    private readonly QuotaDecision _decision;

    public QuotaLease(in QuotaDecision decision) => _decision = decision;

    public override bool IsAcquired => _decision.IsAllowed;

    public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name, MetadataName.ReasonPhrase.Name];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = IsAcquired ? null
            : metadataName == MetadataName.RetryAfter.Name ? _decision.RetryAfter
            : metadataName == MetadataName.ReasonPhrase.Name ? $"over the limit of {string.Join(", ", _decision.ViolatedRules)}"
            : null;
        return metadata is not null;
    }
}
