namespace MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;

/// <summary>Waits for what servers and background loops do in their own time.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    public static Task TrueAsync(Func<bool> condition) => TrueAsync(condition, Patience);

    public static Task TrueAsync(Func<bool> condition, TimeSpan patience) => TrueAsync(() => Task.FromResult(condition()), patience);

    public static Task TrueAsync(Func<Task<bool>> condition) => TrueAsync(condition, Patience);

    private static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan patience)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < patience, $"It did not come about within {patience}.");
            await Task.Delay(Interval, cancellationToken);
        }
    }
}
