namespace MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;

/// <summary>Waits for what a server does after it has answered, or before its client can know.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task TrueAsync(Func<bool> condition)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(Patience);
        while (!condition())
        {
            stop.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
