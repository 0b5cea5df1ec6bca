using MeliProxy.RateLimiting.Snapshots;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Snapshots;

public class SnapshotSizeTests
{
    private const int Keys = 1_000_000;
    private const long Megabyte = 1 << 20;
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_million_keys_pass_through_a_buffer_of_a_block()
    {
        QuotaLimiter<Call> limiter = Limiter();
        for (int i = 0; i < Keys; i++)
        {
            limiter.Decide(new Call(i.ToString(System.Globalization.CultureInfo.InvariantCulture)), 1 + (i % 9));
        }

        using FileStream file = new(
            Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 4_096, FileOptions.DeleteOnClose);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(Keys, limiter.Snapshot(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Megabyte);
        Assert.InRange(file.Length, 24L * Keys, 24.1 * Keys);

        file.Position = 0;
        QuotaLimiter<Call> next = Limiter();
        before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(new RestoreResult(Keys, 0), next.Restore(file));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Megabyte);

        Assert.Equal(Keys, next.KeyCount);
        for (int i = 0; i < Keys; i += 997)
        {
            Assert.Equal(10 - 1 - (i % 9), next.Explain(new Call($"{i}"))[0].Remaining);
        }
    }

    private QuotaLimiter<Call> Limiter()
    {
        QuotaLimiterOptions<Call> options = Call.Options(_time, Call.Bucket("r", 10));
        options.MaxKeys = Keys;
        return new QuotaLimiter<Call>(options);
    }
}
