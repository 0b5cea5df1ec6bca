namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What a process finds out about the keys that members agree by, and a person should know.</summary>
public enum SharingNotice
{
    /// <summary>
    /// The keys say less than what was known of the owners of shards: they were lost, replaced or put back to an earlier state, or an answer
    /// was made up. They are followed.
    /// </summary>
    StoreReplaced,

    /// <summary>The secret that keys are hashed with is another than it was. It is followed, and what was counted before is lost.</summary>
    SecretReplaced,

    /// <summary>What is written as the secret is none. It is read again until it is one.</summary>
    SecretUnusable,
}
