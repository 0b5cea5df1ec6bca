using System.Threading.RateLimiting;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>A decision as a lease. Disposing it releases what the decision holds, once.</summary>
internal sealed class QuotaLease : RateLimitLease
{
    /// <summary>The lease of everything that is allowed and holds nothing.</summary>
    public static readonly QuotaLease Allowed = new(default);

    private readonly QuotaDecision _decision;

    private QuotaLease(in QuotaDecision decision) => _decision = decision;

    public override bool IsAcquired => _decision.IsAllowed;

    public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name, MetadataName.ReasonPhrase.Name];

    public static QuotaLease For(in QuotaDecision decision) =>
        decision.IsAllowed && !decision.IsUnsettled ? Allowed : new QuotaLease(decision);

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = IsAcquired ? null
            : metadataName == MetadataName.RetryAfter.Name ? _decision.RetryAfter
            : metadataName == MetadataName.ReasonPhrase.Name ? $"over the limit of {string.Join(", ", _decision.ViolatedRules)}"
            : null;
        return metadata is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decision.Dispose();
        }

        base.Dispose(disposing);
    }
}
