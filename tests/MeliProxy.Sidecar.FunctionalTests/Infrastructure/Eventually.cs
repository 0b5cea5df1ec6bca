namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>Waits for what a server does after it has answered, or before its client can know.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task TrueAsync(Func<bool> condition) => TrueAsync(async () =>
    {
        await Task.Yield();
        return condition();
    });

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(Patience);
        while (!await condition())
        {
            stop.Token.ThrowIfCancellationRequested();
        }
    }
}
