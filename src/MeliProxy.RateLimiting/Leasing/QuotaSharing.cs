namespace MeliProxy.RateLimiting.Leasing;

/// <summary>
/// One process's part in the quotas that the members of a domain share: it spends leases of the keys that it uses, and keeps the account of
/// the shards that it owns.
/// </summary>
/// <remarks>
/// Given to a limiter by <c>QuotaLimiterOptions.Sharing</c>, and driven by a transport, such as that of MeliProxy.RateLimiting.Nats. It has
/// no clock, thread or connection of its own. All members may be called by any thread; they take turns, and decisions never wait for them.
/// </remarks>
public sealed class QuotaSharing
{
    /// <summary>The number of shards that keys are spread over: 32.</summary>
    public const int ShardCount = 32;

    /// <summary>The longest report or answer: 16,384 bytes.</summary>
    public const int MaxMessageLength = 16_384;

    /// <summary>The longest value written to a key: 262,144 bytes.</summary>
    public const int MaxValueLength = 262_144;

    /// <summary>Creates the part of one process.</summary>
    /// <param name="random">Where its identity and delays come from. <see langword="null"/>: a secure source and a shared one.</param>
    public QuotaSharing(Random? random = null) => throw new NotImplementedException();

    /// <summary>Identifies this process among the members, until it ends.</summary>
    public ulong Node { get; }

    /// <summary>Says what carries the messages; once, before the first <see cref="Tick"/>.</summary>
    /// <param name="transport">The transport.</param>
    public void Attach(ISharingTransport transport) => throw new NotImplementedException();

    /// <summary>Does what is due: reports, answers that were not given, ownership, saving.</summary>
    /// <returns>After what time to call it again at the latest.</returns>
    public TimeSpan Tick() => throw new NotImplementedException();

    /// <summary>Tells whether messages can be sent and keys be read. Not connected is what it begins with.</summary>
    /// <param name="connected">Whether the transport has a connection.</param>
    public void SetConnected(bool connected) => throw new NotImplementedException();

    /// <summary>Takes a report for a shard that is listened to. Anything may be in it.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="report">The bytes.</param>
    public void ReceiveReport(int shard, ReadOnlySpan<byte> report) => throw new NotImplementedException();

    /// <summary>Takes an answer to a report. Anything may be in it.</summary>
    /// <param name="answer">The bytes.</param>
    public void ReceiveAnswer(ReadOnlySpan<byte> answer) => throw new NotImplementedException();

    /// <summary>Tells that nobody listens to a shard's reports.</summary>
    /// <param name="shard">The shard.</param>
    public void ReportUndelivered(int shard) => throw new NotImplementedException();

    /// <summary>Ends <see cref="ISharingTransport.Read"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value; empty if there is none.</param>
    /// <param name="revision">Its revision; 0 if there is no such key.</param>
    public void ReadCompleted(string key, ReadOnlySpan<byte> value, ulong revision) => throw new NotImplementedException();

    /// <summary>Ends <see cref="ISharingTransport.Write"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="revision">Its new revision; 0 if it was not at the one asked for, so that nothing was written.</param>
    public void WriteCompleted(string key, ulong revision) => throw new NotImplementedException();

    /// <summary>Ends <see cref="ISharingTransport.Read"/> or <see cref="ISharingTransport.Write"/> where nobody knows whether it was done.</summary>
    /// <param name="key">The key.</param>
    public void OperationFailed(string key) => throw new NotImplementedException();

    /// <summary>Hands back what is held and owned, as far as the transport carries it; the last thing to do before the process ends.</summary>
    public void Leave() => throw new NotImplementedException();

    /// <summary>Tells how this process takes part.</summary>
    /// <returns>The status as of now.</returns>
    public SharingStatus GetStatus() => throw new NotImplementedException();
}
