using System.Buffers.Text;
using System.Text;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>The domain's key-value bucket.</summary>
/// <remarks>
/// Its stream is that of any key-value bucket but for one thing: values are read from the server that leads it, as a follower may be behind,
/// and an owner that loads a ledger has to see what its predecessor wrote last. So it is in a bucket that others have made, too.
/// </remarks>
internal sealed class SharingBucket
{
    private const string ProbeKey = "probe";
    private const int NotFound = 10059;
    private const int NoSuchMessage = 10037;
    private const int NameInUse = 10058;
    private const int WrongLastSequence = 10071;
    private const int NotEnabled = 10076;
    private const int NotEnabledForAccount = 10039;
    private const int ServiceUnavailable = 503;

    // Callers wait for less. Were it the client that ends the wait, then no answer would look the same as no JetStream.
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(30);

    private readonly NatsSubjects _subjects;
    private readonly int _replicas;
    private readonly NatsJSContext _context;
    private INatsJSStream? _stream;

    public SharingBucket(INatsConnection connection, NatsSubjects subjects, int replicas)
    {
        _subjects = subjects;
        _replicas = replicas;
        _context = new NatsJSContext(connection, new NatsJSOpts(connection.Opts, requestTimeout: LastPatience));
    }

    /// <summary>Makes sure that there is a bucket; one that there is, however it was made, stays as it is.</summary>
    /// <returns>Whether it can be used, and what the server says if not.</returns>
    public async Task<(BucketState State, string Reason)> PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            _stream = await FindAsync(cancellationToken) ?? await CreateAsync(cancellationToken);
            return _stream?.Info.Config is { } config && BucketDefect.Of(config, _subjects.Bucket) is { } defect
                ? (BucketState.Refused, defect)
                : (BucketState.Usable, "");
        }
        catch (NatsNoRespondersException)
        {
            return (BucketState.NoJetStream, "");
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode is NotEnabled or NotEnabledForAccount)
        {
            return (BucketState.NoJetStream, "");
        }
        catch (NatsJSApiException e) when (e.Error.Code != ServiceUnavailable)
        {
            return (BucketState.Refused, ReasonOf(e));
        }
        catch (NatsException)
        {
            return (BucketState.Silent, "");
        }
    }

    /// <summary>Finds out whether the bucket takes what is written, by a key that nobody reads.</summary>
    /// <returns>What the server says if not; empty if it does.</returns>
    public async Task<string> ProbeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await TryWriteAsync(ProbeKey, new byte[1], null, cancellationToken);
            return "";
        }
        catch (NatsException e)
        {
            return ReasonOf(e) is { Length: > 0 } reason ? reason : "what is written there is not acknowledged";
        }
    }

    /// <summary>Reads the latest value of a key.</summary>
    /// <exception cref="NatsException">Nobody knows.</exception>
    public async Task<BucketValue> ReadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            StreamMsgGetRequest request = new() { LastBySubj = Subject(key) };
            INatsJSStream stream = _stream ?? throw new NatsException("The bucket was not found yet.");
            StoredMessage message = (await stream.GetAsync(request, cancellationToken)).Message;
            return IsMarker(message) ? new BucketValue(default, 0, message.Seq) : new BucketValue(message.Data, message.Seq, 0);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NoSuchMessage)
        {
            return default;
        }
    }

    /// <summary>Writes a key if it is still at a revision, or if there is no such key and the revision is 0.</summary>
    /// <returns>The new revision; 0 if it was at another.</returns>
    /// <exception cref="NatsException">Nobody knows whether it was written.</exception>
    public async Task<ulong> WriteAsync(string key, ReadOnlyMemory<byte> value, ulong revision, CancellationToken cancellationToken)
    {
        ulong written = await TryWriteAsync(key, value, revision, cancellationToken);
        if (written == 0 && revision == 0 && await ReadAsync(key, cancellationToken) is { Marker: > 0 } deleted)
        {
            written = await TryWriteAsync(key, value, deleted.Marker, cancellationToken);
        }

        return written;
    }

    /// <summary>What the server says of a failure; empty if it says nothing.</summary>
    public static string ReasonOf(Exception failure) => failure is NatsJSApiException { Error: { } error }
        ? error.Description is { Length: > 0 } description ? description : $"error {error.ErrCode}"
        : "";

    /// <summary>Whether a failure tells that the bucket is gone, or JetStream is.</summary>
    public static bool IsGone(Exception failure) => failure is NatsNoRespondersException or NatsJSPublishNoResponseException
        || failure is NatsJSApiException { Error.ErrCode: NotFound or NotEnabled or NotEnabledForAccount };

    private async Task<ulong> TryWriteAsync(string key, ReadOnlyMemory<byte> value, ulong? revision, CancellationToken cancellationToken)
    {
        NatsJSPubOpts options = new() { ExpectedLastSubjectSequence = revision };
        NatsResult<PubAckResponse> answer = await _context.TryPublishAsync(
            Subject(key), value, NatsRawSerializer<ReadOnlyMemory<byte>>.Default, options, headers: null, cancellationToken);
        if (!answer.Success)
        {
            throw answer.Error;
        }

        return answer.Value.Error switch
        {
            null => answer.Value.Seq,
            { ErrCode: WrongLastSequence } => 0,
            { } error => throw new NatsJSApiException(error),
        };
    }

    private async Task<INatsJSStream?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _context.GetStreamAsync($"KV_{_subjects.Bucket}", cancellationToken: cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NotFound)
        {
            return null;
        }
    }

    private async Task<INatsJSStream?> CreateAsync(CancellationToken cancellationToken)
    {
        StreamConfig bucket = new($"KV_{_subjects.Bucket}", [$"$KV.{_subjects.Bucket}.>"])
        {
            Description = $"What the members of the MeliProxy domain {_subjects.Domain} agree on",
            MaxMsgsPerSubject = 1,
            Discard = StreamConfigDiscard.New,
            Storage = StreamConfigStorage.File,
            NumReplicas = _replicas,
            AllowRollupHdrs = true,
            DenyDelete = true,
            AllowDirect = false,
        };
        try
        {
            await _context.CreateStreamAsync(bucket, cancellationToken);
        }
        catch (NatsJSApiException e) when (e.Error.ErrCode == NameInUse)
        {
            // Another was faster.
        }

        return await FindAsync(cancellationToken);
    }

    /// <summary>Whether a message says that its key was deleted, which is said in headers.</summary>
    private static bool IsMarker(StoredMessage message)
    {
        if (message.Data.Length > 0 || message.Hdrs is not { Length: > 0 } encoded || !Base64.IsValid(encoded))
        {
            return false;
        }

        string headers = Encoding.ASCII.GetString(Convert.FromBase64String(encoded));
        return headers.Contains("KV-Operation: DEL", StringComparison.OrdinalIgnoreCase)
            || headers.Contains("KV-Operation: PURGE", StringComparison.OrdinalIgnoreCase)
            || headers.Contains("Nats-Marker-Reason:", StringComparison.OrdinalIgnoreCase);
    }

    private string Subject(string key) => $"$KV.{_subjects.Bucket}.{key}";
}
