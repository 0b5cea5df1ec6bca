using System.Runtime.InteropServices;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Counts decisions without making cores wait for each other: each counts on a cache line of its own.</summary>
internal sealed class DecisionCounts
{
    private readonly Stripe[] _stripes = new Stripe[Environment.ProcessorCount];

    public long Allowed => _stripes.Sum(stripe => stripe.Allowed);

    public long Rejected => _stripes.Sum(stripe => stripe.Rejected);

    public void CountAllowed() => Interlocked.Increment(ref Mine.Allowed);

    public void CountRejected() => Interlocked.Increment(ref Mine.Rejected);

    private ref Stripe Mine => ref _stripes[(uint)Thread.GetCurrentProcessorId() % (uint)_stripes.Length];

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Stripe
    {
        public long Allowed;
        public long Rejected;
    }
}
