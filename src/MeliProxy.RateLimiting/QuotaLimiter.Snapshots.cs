using MeliProxy.RateLimiting.Snapshots;

namespace MeliProxy.RateLimiting;

public sealed partial class QuotaLimiter<TResource>
{
    /// <summary>
    /// Writes the counts of all keys that are not idle, for <see cref="Restore"/> after a restart. Decisions go on meanwhile: each key is
    /// written as it stood at one moment, and what changes meanwhile may or may not be in it.
    /// </summary>
    /// <param name="stream">Written to from its position on, in blocks of up to 64 KiB, which is also all the memory that is used.</param>
    /// <returns>How many keys were written, 24 to 48 bytes each.</returns>
    /// <remarks>
    /// Rules are not in it, nor are permits of <see cref="Rules.RateLimitAlgorithm.Concurrency"/>, whose holders are gone after a restart.
    /// Key text is not in it either, only hashes.
    /// </remarks>
    /// <exception cref="ArgumentException">The stream cannot be written to.</exception>
    /// <exception cref="InvalidOperationException"><see cref="QuotaLimiterOptions{TResource}.HashSecret"/> was not set.</exception>
    /// <exception cref="IOException">Writing failed; what is in the stream cannot be restored.</exception>
    public long Snapshot(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanWrite
            ? QuotaSnapshot.Write(stream, _engine, _options.TimeProvider, SnapshotSecret())
            : throw new ArgumentException("A snapshot needs a stream that can be written to.", nameof(stream));
    }

    /// <summary>
    /// Gives keys the counts that they had in a snapshot. A key that has counts already gets the stricter of both: the bucket that is full
    /// later, and of the same window the larger count. Best called before the first decision.
    /// </summary>
    /// <param name="stream">Read from its position up to the end of the snapshot, twice: nothing changes unless all of it is in order.</param>
    /// <returns>How many keys were restored, and how many found no room, which <see cref="RefusedKeys"/> counts too.</returns>
    /// <remarks>
    /// <para>
    /// Time that has passed since the snapshot has passed for its keys: buckets have filled, and windows that have ended are over. It is
    /// measured by the wall clock. If that was set back so that the snapshot seems to come from the future, no time counts as passed:
    /// buckets stand as they stood, and windows end up to an hour later than they would have. Those longer than an hour may begin anew if
    /// it was set back by more than that, as they do when it is set back while a limiter runs.
    /// </para>
    /// <para>
    /// A key gets at most what it would have got from a limiter that had gone on running, but for a wall clock that was set forward, and
    /// nothing that was taken after the snapshot is known.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException">The stream cannot be read or cannot seek.</exception>
    /// <exception cref="InvalidDataException">
    /// It is not a snapshot, is cut off or damaged, or was made with another secret or by another version. Nothing has changed, unless the
    /// stream was changed while it was read.
    /// </exception>
    /// <exception cref="InvalidOperationException"><see cref="QuotaLimiterOptions{TResource}.HashSecret"/> was not set.</exception>
    public RestoreResult Restore(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream is { CanRead: true, CanSeek: true }
            ? QuotaSnapshot.Read(stream, _engine, _options.TimeProvider, SnapshotSecret())
            : throw new ArgumentException("A snapshot is read twice, from a stream that can be read and can seek, such as a file's.", nameof(stream));
    }

    private ReadOnlySpan<byte> SnapshotSecret() => _options.HashSecret is { } secret
        ? secret.Span
        : throw new InvalidOperationException(
            $"A snapshot is of use only to a limiter with the same secret: set {nameof(QuotaLimiterOptions<TResource>.HashSecret)}.");
}
