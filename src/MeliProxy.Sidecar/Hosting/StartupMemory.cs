namespace MeliProxy.Sidecar.Hosting;

/// <summary>Gives memory back to the system that only the start needed.</summary>
internal static class StartupMemory
{
    /// <summary>By then a sidecar has read what it starts with.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    /// <summary>Does it once, soon; and not in the way of the first requests.</summary>
    public static ITimer GiveBackSoon(TimeProvider time) => time.CreateTimer(static _ => GiveBack(), null, Settled, Timeout.InfiniteTimeSpan);

    private static void GiveBack()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        MappedFiles.LetGo();
    }
}
