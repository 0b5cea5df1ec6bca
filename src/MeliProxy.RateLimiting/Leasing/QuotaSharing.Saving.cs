using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>Loading and saving what ledgers have of long windows, no faster than it can be borne.</content>
public sealed partial class QuotaSharing
{
    private const int MaxChunksUnderWay = 16;

    /// <summary>What is saved in a second, more or less. A flood of keys makes saving slower, and keeps nobody from all else.</summary>
    private const long BytesPerSecond = 8_000_000;

    private static readonly long UnitsPerByte = 1_000 * QuotaClock.UnitsPerMillisecond / BytesPerSecond;
    private static readonly long SavingBurst = QuotaClock.Units(TimeSpan.FromMilliseconds(50));

    // The ledger that the operation under way is for: what comes for one that has ended is of no use to the next.
    private readonly Ledger?[,] _chunkUsers = new Ledger?[ShardCount, Ledger.Chunks];
    private byte[]? _chunk;
    private int _chunksUnderWay;
    private int _nextChunk;
    private long _savedUntil;

    /// <summary>Loads and saves what is due, beginning with what had to wait longest.</summary>
    private void KeepSaved(in QuotaInstant now, ISharingTransport transport)
    {
        int first = _nextChunk;
        for (int i = 0; i < ShardCount * Ledger.Chunks && _chunksUnderWay < MaxChunksUnderWay; i++)
        {
            int next = (first + i) % (ShardCount * Ledger.Chunks);
            int chunk = next % Ledger.Chunks;
            if (_ownerships[next / Ledger.Chunks].Ledger is not { } ledger || _chunkUsers[ledger.Shard, chunk] is not null)
            {
                continue;
            }

            if (!ledger.IsLoaded(chunk))
            {
                SetUser(ledger, chunk);
                transport.Read(ChunkKey(ledger.Shard, chunk));
            }
            else if (now.Units >= _savedUntil && ledger.IsDue(chunk, now))
            {
                Save(ledger, chunk, isLast: false, now, transport);
                _nextChunk = next + 1;
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
        SetUser(ledger, chunk);
        _chunk ??= new byte[MaxValueLength];
        int length = ledger.Save(chunk, _chunk, isLast, now);
        _savedUntil = Math.Max(_savedUntil, now.Units - SavingBurst) + (length * UnitsPerByte);
        transport.Write(ChunkKey(ledger.Shard, chunk), _chunk.AsSpan(0, length), ledger.Revision(chunk));
    }

    private void SetUser(Ledger ledger, int chunk)
    {
        _chunkUsers[ledger.Shard, chunk] = ledger;
        _chunksUnderWay++;
    }

    /// <summary>Ends the operation of a chunk; the ledger that it was for, if that still is one.</summary>
    private Ledger? TakeUser(int shard, int chunk)
    {
        Ledger? ledger = _chunkUsers[shard, chunk];
        _chunkUsers[shard, chunk] = null;
        _chunksUnderWay -= ledger is null ? 0 : 1;
        return ledger is not null && ledger == _ownerships[shard].Ledger ? ledger : null;
    }
}
