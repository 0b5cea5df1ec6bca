namespace MeliProxy.RateLimiting.Leasing;

/// <summary>Carries what the members of a domain tell each other, and keeps what they have agreed on.</summary>
/// <remarks>
/// <para>
/// Called by <see cref="QuotaSharing"/> while it is called itself, by one thread at a time. Nothing may block or call back before it returns:
/// take the bytes, which belong to the caller afterwards, and do the work later. Messages may be lost, doubled, delayed and reordered.
/// </para>
/// <para>
/// Keys hold values with revisions that grow with every write to any key. Of the keys, at most one operation each is under way; each ends
/// with one call to <see cref="QuotaSharing.ReadCompleted"/>, <see cref="QuotaSharing.WriteCompleted"/> or
/// <see cref="QuotaSharing.OperationFailed"/>. Key names have the characters <c>a-z 0-9 .</c> only.
/// </para>
/// </remarks>
public interface ISharingTransport
{
    /// <summary>Sends a report to whoever owns a shard; the answer comes to <see cref="QuotaSharing.ReceiveAnswer"/>.</summary>
    /// <param name="shard">From 0 to <see cref="QuotaSharing.ShardCount"/> - 1.</param>
    /// <param name="report">At most <see cref="QuotaSharing.MaxMessageLength"/> bytes.</param>
    void SendReport(int shard, ReadOnlySpan<byte> report);

    /// <summary>Sends an answer to one member.</summary>
    /// <param name="node">The member's <see cref="QuotaSharing.Node"/>.</param>
    /// <param name="answer">At most <see cref="QuotaSharing.MaxMessageLength"/> bytes.</param>
    void SendAnswer(ulong node, ReadOnlySpan<byte> answer);

    /// <summary>Begins or ends to take reports for a shard, and to give them to <see cref="QuotaSharing.ReceiveReport"/>.</summary>
    /// <param name="shard">From 0 to <see cref="QuotaSharing.ShardCount"/> - 1.</param>
    /// <param name="listens">Whether it begins.</param>
    void Listen(int shard, bool listens);

    /// <summary>Reads the latest value of a key.</summary>
    /// <param name="key">The key.</param>
    void Read(string key);

    /// <summary>Writes a key if it is still at a revision.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">At most <see cref="QuotaSharing.MaxValueLength"/> bytes.</param>
    /// <param name="revision">The revision that it has to be at; 0 if there has to be no such key.</param>
    void Write(string key, ReadOnlySpan<byte> value, ulong revision);

    /// <summary>Tells what a person should know, such as by a line in a log. Does nothing by default.</summary>
    /// <param name="notice">What was found out.</param>
    void Notice(SharingNotice notice)
    {
    }
}
