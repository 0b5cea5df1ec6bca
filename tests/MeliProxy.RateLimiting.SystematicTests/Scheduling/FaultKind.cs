namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>How an atomic operation can be broken.</summary>
internal enum FaultKind
{
    None,

    /// <summary>Others may run between its reading and its writing.</summary>
    NotAtomic,

    /// <summary>A compare-and-set that does not compare.</summary>
    AlwaysSucceeds,

    /// <summary>A compare-and-set that reports success and sets nothing.</summary>
    NotWritten,
}
