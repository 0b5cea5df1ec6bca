namespace OutgoingHttp;

/// <summary>What <see cref="QuotaHandler"/> does with a request that would have to wait too long.</summary>
public enum OverQuota
{
    /// <summary>It answers 429 with Retry-After itself.</summary>
    Answer429,

    /// <summary>It throws <see cref="QuotaExceededException"/>.</summary>
    Throw,
}
