namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>What a received message is.</summary>
internal enum IncomingKind
{
    /// <summary>A report for a shard that this process listens to.</summary>
    Report,

    /// <summary>An answer to a report of this process.</summary>
    Answer,

    /// <summary>The server's word that nobody listens to the reports for a shard.</summary>
    Undelivered,
}
