using System.Globalization;
using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>What has to be agreed on: who owns which shard, what owners have saved, and the secret.</content>
public sealed partial class QuotaSharing
{
    private const string ChunkPrefix = "ledger.";

    private static readonly long RetryInterval = QuotaClock.Units(TimeSpan.FromMilliseconds(300));

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
                    Begin(ownership, revision, now);
                    transport.Listen(ownership.Shard, true);
                    if (ownership.Ledger!.Epoch is var epoch && epoch < Holder.Links[ownership.Shard].Epoch)
                    {
                        FollowStore(Holder.Links[ownership.Shard], epoch, now);
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

    /// <summary>Begins to keep the account of a shard that this process has just come to own.</summary>
    private void Begin(ShardOwnership ownership, ulong revision, in QuotaInstant now)
    {
        if (ownership.TryResume(now))
        {
            return;
        }

        Ledger ledger = new(ownership.Shard, revision, ownership.HadPredecessor, now, _time);
        if (ownership.Inheritance is { } lost)
        {
            ledger.Inherit(lost, now);
        }

        ownership.Begin(ledger);
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

    /// <summary>Keeps what is owned: renews it, and gives it up where nobody uses it.</summary>
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
        }
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
