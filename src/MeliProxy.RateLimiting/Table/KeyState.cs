namespace MeliProxy.RateLimiting.Table;

/// <summary>What is known about a key.</summary>
/// <param name="Word">The 64 bits that decisions set by compare-and-set.</param>
/// <param name="Previous">Sliding windows only: what <paramref name="Word"/> was at the end of the window before.</param>
internal readonly record struct KeyState(long Word, long Previous)
{
    /// <summary>Marks the word of a sliding window that has ended and is being replaced, see <see cref="QuotaTable.TrySet"/>.</summary>
    public const long FrozenMark = long.MinValue;

    public bool IsFrozen => Word < 0;

    /// <summary>The word without <see cref="FrozenMark"/>.</summary>
    public long Value => Word & long.MaxValue;
}
