using System.Globalization;
using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>What has to be agreed on: who owns which shard, what owners have saved, and the secret.</content>
public sealed partial class QuotaSharing
{
    private const string ChunkPrefix = "ledger.";

    private static readonly long RetryInterval = QuotaClock.Units(TimeSpan.FromMilliseconds(300));

    // The ledger that the operation under way is for: what comes for one that has ended is of no use to the next.
    private readonly Ledger?[,] _chunkUsers = new Ledger?[ShardCount, Ledger.Chunks];
    private byte[]? _chunk;

    /// <summary>Ends <see cref="ISharingTransport.Read"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value; empty if there is none.</param>
    /// <param name="revision">Its revision; 0 if there is no such key.</param>
    public void ReadCompleted(string key, ReadOnlySpan<byte> value, ulong revision)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_gate)
        {
            if (_transport is not { } transport || _isLeaving)
            {
                return;
            }

            QuotaInstant now = Clock.Now();
            if (key == SecretKey)
            {
                SecretRead(value, revision, now, transport);
            }
            else if (TryParseShard(key) is { } ownership)
            {
                ShardLink link = Holder.Links[ownership.Shard];
                ownership.Observed(value, revision, link.Epoch, IsStoreNew(now.Units), now.Units, RandomDelay(), transport);
                ShardClaim.Read(value, revision, out ulong epoch);
                if (epoch < link.Epoch && link.UnansweredSince != 0 && ownership.Ledger is null)
                {
                    FollowStore(link, epoch, now);
                }
            }
            else if (TryParseChunk(key, out int shard, out int chunk) && TakeUser(shard, chunk) is { } ledger)
            {
                ledger.Load(chunk, value, revision, now);
            }
        }

        FollowSecret();
    }

    /// <summary>Ends <see cref="ISharingTransport.Write"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="revision">Its new revision; 0 if it was not at the one asked for, so that nothing was written.</param>
    public void WriteCompleted(string key, ulong revision)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_gate)
        {
            if (_transport is not { } transport || _isLeaving)
            {
                return;
            }

            QuotaInstant now = Clock.Now();
            if (key == SecretKey)
            {
                SecretWritten(revision, now, transport);
            }
            else if (TryParseShard(key) is { } ownership)
            {
                bool wasOwner = ownership.Ledger is not null;
                if (ownership.Written(revision, now.Units, RandomDelay()))
                {
                    Ledger ledger = new(ownership.Shard, revision, ownership.HadPredecessor, now, _time);
                    if (ownership.Inheritance is { } lost)
                    {
                        ledger.Inherit(lost, now);
                    }

                    ownership.Begin(ledger);
                    transport.Listen(ownership.Shard, true);
                    if (revision < Holder.Links[ownership.Shard].Epoch)
                    {
                        FollowStore(Holder.Links[ownership.Shard], revision, now);
                    }
                }
                else if (wasOwner && ownership.Ledger is null)
                {
                    transport.Listen(ownership.Shard, false);
                }
            }
            else if (TryParseChunk(key, out int shard, out int chunk) && TakeUser(shard, chunk) is { } user)
            {
                if (revision == 0)
                {
                    user.SaveFailed(chunk);
                }
                else
                {
                    user.Saved(chunk, revision);
                }
            }
        }

        FollowSecret();
    }

    /// <summary>Ends <see cref="ISharingTransport.Read"/> or <see cref="ISharingTransport.Write"/> where nobody knows whether it was done.</summary>
    /// <param name="key">The key.</param>
    public void OperationFailed(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_gate)
        {
            if (_transport is null)
            {
                return;
            }

            long now = Clock.Now().Units;
            if (key == SecretKey)
            {
                SecretFailed(now);
            }
            else if (TryParseShard(key) is { } ownership)
            {
                ownership.Failed(now, RandomDelay());
            }
            else if (TryParseChunk(key, out int shard, out int chunk) && TakeUser(shard, chunk) is { } ledger)
            {
                ledger.SaveFailed(chunk);
            }
        }
    }

    /// <summary>Looks for an owner where none answers.</summary>
    private void SeekOwner(ShardLink link, long now, ISharingTransport transport)
    {
        if (link.UnansweredSince != 0
            && (link.IsUndelivered || now - link.UnansweredSince > Math.Max(AnswerPatience, 4 * link.Lag))
            && _ownerships[link.Shard].Ledger is null)
        {
            _ownerships[link.Shard].Seek(now, transport);
        }
    }

    /// <summary>Keeps what is owned: renews it, loads and saves it, and gives it up where nobody uses it.</summary>
    private void Keep(ShardOwnership ownership, in QuotaInstant now, ISharingTransport transport)
    {
        if (ownership.Ledger is not { } ledger)
        {
            return;
        }

        if (!ownership.TryKeep(now.Units, transport))
        {
            transport.Listen(ownership.Shard, false);
            return;
        }

        ledger.Sweep(now);
        if (now.Units - ledger.UsedAt > UnusedLife)
        {
            SaveAll(ledger, now, transport);
            ownership.GiveUp(now.Units, transport);
            transport.Listen(ownership.Shard, false);
            return;
        }

        for (int chunk = 0; chunk < Ledger.Chunks; chunk++)
        {
            if (_chunkUsers[ledger.Shard, chunk] is not null)
            {
                continue;
            }

            if (!ledger.IsLoaded(chunk))
            {
                _chunkUsers[ledger.Shard, chunk] = ledger;
                transport.Read(ChunkKey(ledger.Shard, chunk));
            }
            else if (ledger.IsDue(chunk, now))
            {
                Save(ledger, chunk, isLast: false, now, transport);
            }
        }
    }

    private void SaveAll(Ledger ledger, in QuotaInstant now, ISharingTransport transport)
    {
        for (int chunk = 0; chunk < Ledger.Chunks; chunk++)
        {
            if (_chunkUsers[ledger.Shard, chunk] is null && ledger.IsLoaded(chunk) && ledger.HasSaved(chunk))
            {
                Save(ledger, chunk, isLast: true, now, transport);
            }
        }
    }

    private void Save(Ledger ledger, int chunk, bool isLast, in QuotaInstant now, ISharingTransport transport)
    {
        _chunkUsers[ledger.Shard, chunk] = ledger;
        _chunk ??= new byte[MaxValueLength];
        int length = ledger.Save(chunk, _chunk, isLast, now);
        transport.Write(ChunkKey(ledger.Shard, chunk), _chunk.AsSpan(0, length), ledger.Revision(chunk));
    }

    /// <summary>Ends the operation of a chunk; the ledger that it was for, if that still is one.</summary>
    private Ledger? TakeUser(int shard, int chunk)
    {
        Ledger? ledger = _chunkUsers[shard, chunk];
        _chunkUsers[shard, chunk] = null;
        return ledger is not null && ledger == _ownerships[shard].Ledger ? ledger : null;
    }

    private static string ChunkKey(int shard, int chunk) => string.Create(CultureInfo.InvariantCulture, $"{ChunkPrefix}{shard}.{chunk}");

    private ShardOwnership? TryParseShard(string key) => Array.Find(_ownerships, o => o.Key == key);

    private static bool TryParseChunk(string key, out int shard, out int chunk)
    {
        shard = 0;
        chunk = 0;
        return key.StartsWith(ChunkPrefix, StringComparison.Ordinal)
            && key[ChunkPrefix.Length..].Split('.') is [var first, var second]
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out shard)
            && int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out chunk)
            && shard < ShardCount
            && chunk < Ledger.Chunks;
    }
}
