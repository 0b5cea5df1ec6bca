namespace MeliProxy.RateLimiting.Tests;

/// <summary>Runs something on several threads that begin at the same moment.</summary>
internal static class Together
{
    public static void Run(int threads, Action<int> body)
    {
        using Barrier barrier = new(threads);
        Task[] tasks =
        [
            .. Enumerable.Range(0, threads).Select(thread => Task.Factory.StartNew(
                () =>
                {
                    barrier.SignalAndWait();
                    body(thread);
                },
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)),
        ];
        Task.WaitAll(tasks, TestContext.Current.CancellationToken);
    }
}
