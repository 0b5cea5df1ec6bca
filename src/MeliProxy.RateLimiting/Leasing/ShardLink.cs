namespace MeliProxy.RateLimiting.Leasing;

/// <summary>A holder's connection to whoever owns a shard.</summary>
internal sealed class ShardLink(int shard)
{
    private const int Remembered = 64;

    private readonly long[] _sentAt = new long[Remembered];

    public int Shard { get; } = shard;

    /// <summary>The epoch of the owner that answered last; accounts belong to it.</summary>
    public ulong Epoch { get; set; }

    public ulong Sequence { get; private set; }

    /// <summary>When the first report was sent that no answer has followed; 0 if there is none.</summary>
    public long UnansweredSince { get; private set; }

    /// <summary>Time that a report and its answer took, lately; 0 if none was answered.</summary>
    public long Lag { get; private set; }

    /// <summary>The least time between two reports of a key.</summary>
    public long Interval { get; set; }

    /// <summary>Whether nobody took the last report.</summary>
    public bool IsUndelivered { get; set; }

    /// <summary>Whether rules follow what they do when cut off.</summary>
    public volatile bool IsCutOff;

    public ulong NextSequence(long now)
    {
        Sequence++;
        _sentAt[Sequence % Remembered] = now;
        if (UnansweredSince == 0)
        {
            UnansweredSince = now;
        }

        return Sequence;
    }

    /// <summary>When the report was sent that an answer belongs to; false if it is none of the last.</summary>
    public bool TryFindSent(ulong sequence, out long sentAt)
    {
        bool isKnown = sequence > 0 && sequence <= Sequence && Sequence - sequence < Remembered;
        sentAt = isKnown ? _sentAt[sequence % Remembered] : 0;
        return isKnown;
    }

    public void Answered(long sentAt, long now)
    {
        Lag = Lag == 0 ? now - sentAt : Lag + ((now - sentAt - Lag) / 8);
        Forget();
    }

    /// <summary>Expects no answer to what was sent up to now.</summary>
    public void Forget()
    {
        UnansweredSince = 0;
        IsUndelivered = false;
    }
}
