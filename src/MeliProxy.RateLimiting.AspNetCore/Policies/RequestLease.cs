using System.Threading.RateLimiting;

namespace MeliProxy.RateLimiting.AspNetCore.Policies;

/// <summary>A decision about a request as the framework takes it. Disposing of it settles the decision.</summary>
internal sealed class RequestLease(in QuotaDecision decision) : RateLimitLease
{
    public QuotaDecision Decision { get; } = decision;

    public override bool IsAcquired => Decision.IsAllowed;

    public override IEnumerable<string> MetadataNames => IsAcquired ? [] : [MetadataName.RetryAfter.Name];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = !IsAcquired && metadataName == MetadataName.RetryAfter.Name ? Decision.RetryAfter : null;
        return metadata is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Decision.Dispose();
        }

        base.Dispose(disposing);
    }
}
