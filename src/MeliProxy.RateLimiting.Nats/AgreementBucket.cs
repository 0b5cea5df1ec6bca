using MeliProxy.RateLimiting.Leasing;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>The JetStream key-value bucket of a domain, which is made where it is missing.</summary>
internal sealed class AgreementBucket(NatsConnection connection, NatsSharingOptions options)
{
    private const int JetStreamNotEnabledForAccount = 10039;
    private const int JetStreamNotEnabled = 10076;
    private const int NoMessageFound = 10037;
    private const int StreamNotFound = 10059;
    private const int WrongLastSequence = 10071;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly NatsJSContext _jetStream = new(connection);
    private volatile INatsKVStore? _store;

    /// <summary>Opens the bucket; what has to be done by people first, or <see langword="null"/> if it is open.</summary>
    public async Task<string?> TryOpenAsync(CancellationToken cancellationToken)
    {
        string bucket = options.Subjects.Bucket;
        NatsKVContext stores = new(_jetStream);
        try
        {
            _store = await stores.GetStoreAsync(bucket, cancellationToken);
            return null;
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == StreamNotFound)
        {
            await CreateAsync(bucket, cancellationToken);
            _store = await stores.GetStoreAsync(bucket, cancellationToken);
            return null;
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode is JetStreamNotEnabled or JetStreamNotEnabledForAccount)
        {
            return WithoutJetStream();
        }
        catch (NatsNoRespondersException)
        {
            return WithoutJetStream();
        }
        catch (NatsJSApiNoResponseException)
        {
            return WithoutJetStream();
        }
    }

    public async Task ReadAsync(string key, QuotaSharing sharing, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        NatsResult<NatsKVEntry<byte[]>> read;
        try
        {
            read = await Store().TryGetEntryAsync<byte[]>(key, cancellationToken: patience.Token);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NoMessageFound)
        {
            // That is how the leader says it; a direct read would be answered by the client's own exceptions.
            sharing.ReadCompleted(key, [], 0);
            return;
        }

        if (read.Success)
        {
            sharing.ReadCompleted(key, read.Value.Value, read.Value.Revision);
        }
        else if (read.Error is NatsKVKeyNotFoundException or NatsKVKeyDeletedException)
        {
            sharing.ReadCompleted(key, [], 0);
        }
        else
        {
            throw read.Error;
        }
    }

    public async Task WriteAsync(string key, byte[] value, ulong revision, QuotaSharing sharing, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        NatsResult<ulong> written = revision == 0
            ? await Store().TryCreateAsync(key, value, cancellationToken: patience.Token)
            : await Store().TryUpdateAsync(key, value, revision, cancellationToken: patience.Token);
        if (written.Success)
        {
            sharing.WriteCompleted(key, written.Value);
        }
        else if (written.Error is NatsKVWrongLastRevisionException or NatsKVCreateException
            || written.Error is NatsJSApiException { Error.ErrCode: WrongLastSequence })
        {
            sharing.WriteCompleted(key, 0);
        }
        else
        {
            throw written.Error;
        }
    }

    /// <summary>
    /// Makes the bucket. Its stream is that of any key-value bucket but for one thing: values are read from the server that leads it, as a
    /// follower may be behind.
    /// </summary>
    private async Task CreateAsync(string bucket, CancellationToken cancellationToken) => await _jetStream.CreateStreamAsync(
        new StreamConfig($"KV_{bucket}", [$"$KV.{bucket}.>"])
        {
            Description = $"What the members of the MeliProxy domain {options.Subjects.Domain} agree on",
            MaxMsgsPerSubject = 1,
            MaxMsgSize = QuotaSharing.MaxValueLength + 1024,
            Discard = StreamConfigDiscard.New,
            Storage = StreamConfigStorage.File,
            NumReplicas = options.Replicas,
            AllowRollupHdrs = true,
            DenyDelete = true,
            AllowDirect = false,
        },
        cancellationToken);

    private INatsKVStore Store() => _store ?? throw new InvalidOperationException("The bucket is not open.");

    private static string WithoutJetStream() =>
        "the NATS server has no JetStream, which sharing needs; start it with 'nats-server -js', or enable JetStream for this account";
}
