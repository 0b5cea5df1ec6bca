using System.Threading.RateLimiting;

namespace MeliProxy.Benchmarks;

/// <summary>Limiters of the framework, chained if there are several.</summary>
/// <remarks>A chain does not dispose of its links, which then go on walking over their keys ten times a second.</remarks>
public sealed class FrameworkLimiter(PartitionedRateLimiter<ApiCall>[] links) : IDisposable
{
    private readonly PartitionedRateLimiter<ApiCall> _limiter = links.Length == 1 ? links[0] : PartitionedRateLimiter.CreateChained(links);

    public RateLimitLease AttemptAcquire(ApiCall call) => _limiter.AttemptAcquire(call);

    public void Dispose()
    {
        _limiter.Dispose();
        foreach (PartitionedRateLimiter<ApiCall> link in links)
        {
            link.Dispose();
        }
    }
}
