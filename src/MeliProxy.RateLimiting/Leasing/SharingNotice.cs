namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What a process finds out about the keys that members agree by, and a person should know.</summary>
public enum SharingNotice
{
    /// <summary>
    /// The keys say less than what was known of the owners of shards: they were lost, replaced or put back to an earlier state, or an answer
    /// was made up. They are followed.
    /// </summary>
    StoreReplaced,
}
