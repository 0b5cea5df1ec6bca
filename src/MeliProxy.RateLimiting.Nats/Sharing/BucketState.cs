namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Whether the bucket can be used.</summary>
internal enum BucketState
{
    /// <summary>It can.</summary>
    Usable,

    /// <summary>Nobody answers in time, or says that it cannot just now.</summary>
    Silent,

    /// <summary>The server or the account has no JetStream.</summary>
    NoJetStream,

    /// <summary>The server says why it cannot be used.</summary>
    Refused,
}
