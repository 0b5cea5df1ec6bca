using System.Buffers.Binary;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Snapshots;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>Saving what has to survive the owner, in chunks that are written one at a time.</content>
/// <remarks>
/// <code>
/// chunk     1  version: 1
///           8  when it was written, as Unix time in ticks of 100 ns
///           …  rows as in a snapshot, to the end
/// </code>
/// What is saved is ahead of what was granted, so a saved state is never behind what was spent.
/// </remarks>
internal sealed partial class Ledger
{
    /// <summary>The number of chunks of a shard.</summary>
    public const int Chunks = 8;

    private const byte ChunkVersion = 1;
    private const int ChunkHeader = 1 + sizeof(long);
    private const int MaxRows = (QuotaSharing.MaxValueLength - ChunkHeader) / SnapshotRow.MaxLength;

    private static readonly long LeastTimeBetweenSaves = QuotaClock.Units(TimeSpan.FromMilliseconds(50));

    private readonly bool[] _isDirty = new bool[Chunks];
    private readonly bool[] _isLoaded = new bool[Chunks];
    private readonly bool[] _isKnown = new bool[Chunks];
    private readonly ulong[] _revisions = new ulong[Chunks];
    private readonly long[] _savedAt = new long[Chunks];

    /// <summary>Whether what was saved is known, so that keys can be granted.</summary>
    public bool IsReady { get; private set; }

    public bool IsLoaded(int chunk) => _isLoaded[chunk];

    public ulong Revision(int chunk) => _revisions[chunk];

    /// <summary>Whether a chunk was saved, or is to be.</summary>
    public bool HasSaved(int chunk) => _revisions[chunk] != 0 || _isDirty[chunk];

    /// <summary>Whether a chunk is to be saved now.</summary>
    public bool IsDue(int chunk, in QuotaInstant now) =>
        _isDirty[chunk] && _isLoaded[chunk] && now.Units - _savedAt[chunk] >= LeastTimeBetweenSaves;

    /// <summary>Takes over what the owner before saved. What cannot be read is as good as never saved.</summary>
    public void Load(int chunk, ReadOnlySpan<byte> value, ulong revision, in QuotaInstant now)
    {
        _revisions[chunk] = revision;
        _isLoaded[chunk] = true;
        IsReady = Array.TrueForAll(_isLoaded, l => l);
        if (_isKnown[chunk])
        {
            // It has been the owner since, and knows better: what is written is ahead of what was granted.
            return;
        }

        _isKnown[chunk] = true;
        if (value.Length < ChunkHeader || value[0] != ChunkVersion)
        {
            return;
        }

        long ticks = BinaryPrimitives.ReadInt64LittleEndian(value[1..]);
        if (ticks < 0 || ticks > (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks)
        {
            return;
        }

        SnapshotMoment moment = SnapshotMoment.SeenFrom(DateTimeOffset.UnixEpoch.AddTicks(ticks), _time.GetUtcNow(), now);
        ReadOnlySpan<byte> rest = value[ChunkHeader..];
        while (SnapshotRow.TryRead(rest, out SnapshotRow row, out int length, out _))
        {
            rest = rest[length..];
            if (!moment.TryRestore(row, now, out KeyState state))
            {
                continue;
            }

            if (_keys.TryGetValue(row.Hash, out LedgerKey? key))
            {
                key.Raise(state);
            }
            else if (_keys.Count < MaxKeys)
            {
                _keys.Add(row.Hash, new LedgerKey(row.Hash, state) { IsDurable = true });
            }
        }
    }

    /// <summary>Writes a chunk as it is to be saved; returns its length.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="destination">Of <see cref="QuotaSharing.MaxValueLength"/> bytes.</param>
    /// <param name="isLast">Whether nothing is granted any more, so that nothing has to be saved ahead.</param>
    /// <param name="now">The moment.</param>
    public int Save(int chunk, Span<byte> destination, bool isLast, in QuotaInstant now)
    {
        _isDirty[chunk] = false;
        _savedAt[chunk] = now.Units;
        destination[0] = ChunkVersion;
        BinaryPrimitives.WriteInt64LittleEndian(destination[1..], (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks);
        SnapshotMoment moment = new(now.Units, 0);
        int length = ChunkHeader;
        int rows = 0;
        foreach (LedgerKey key in _keys.Values)
        {
            if (!key.IsDurable || ChunkOf(key.Hash) != chunk || rows == MaxRows)
            {
                continue;
            }

            long spent = key.Limit is { } limit ? limit.Charge(key.State, key.Outstanding, now) : key.State.Word;
            key.Saving = isLast ? spent : Math.Max(key.Planned, spent);
            KeyState saved = QuotaTable.After(key.State, key.Saving, key.Hash.Kind);
            if (moment.TryDescribe(key.Hash, saved, now, out SnapshotRow row))
            {
                length += row.Write(destination[length..]);
                rows++;
            }
            else
            {
                key.Saving = 0;
            }
        }

        return length;
    }

    /// <summary>A chunk was saved: what is in it may be granted.</summary>
    public void Saved(int chunk, ulong revision)
    {
        _revisions[chunk] = revision;
        foreach (LedgerKey key in _keys.Values)
        {
            if (ChunkOf(key.Hash) == chunk)
            {
                key.Ceiling = Math.Max(key.Ceiling, key.Saving);
            }
        }
    }

    /// <summary>Goes on after a time in which no other was the owner: only what became of the last operations is not known.</summary>
    /// <param name="now">The moment. Members could not tell what they have left of leases that have ended meanwhile.</param>
    public void Resume(in QuotaInstant now)
    {
        Array.Clear(_isLoaded);
        foreach (LeaseRecord record in _keys.Values.SelectMany(key => key.Records.Values))
        {
            record.ExpiresAt = Math.Max(record.ExpiresAt, now.Units);
        }
    }

    /// <summary>A chunk was not saved, or nobody knows: it is read again and then saved again.</summary>
    public void SaveFailed(int chunk)
    {
        _isLoaded[chunk] = false;
        _isDirty[chunk] = true;
    }

    private void Plan(LedgerKey key, long word)
    {
        key.Planned = Math.Max(key.Planned, word);
        _isDirty[ChunkOf(key.Hash)] = true;
    }

    private static int ChunkOf(in KeyHash hash) => (int)(hash.Low >> 56) % Chunks;
}
