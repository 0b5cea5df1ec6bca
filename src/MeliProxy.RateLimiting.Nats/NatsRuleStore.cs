using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Nats.Control;
using MeliProxy.RateLimiting.Nats.Sharing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>Keeps the rule document of a domain in its key-value bucket, where all members have it from.</summary>
/// <remarks>
/// Whoever changes the document tells the others to read it; each also looks every ten seconds, should it not have heard. Cut off from NATS, the
/// document stays what it was last, and cannot be changed. Driven by <see cref="NatsSharing"/>, to whose options it is given.
/// <code>
/// TryReplace ─▶ write, if still at the revision ─▶ "read it" to all members ─▶ wake
///                                                                               │
/// connected, every 10 s ───────────────────────────────────────────────▶ read ◀─┘ ─▶ Changed
/// </code>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing to be disposed of.")]
public sealed class NatsRuleStore : IRuleStore
{
    private const string Key = "rules";
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestSpread = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan SpreadPerMember = TimeSpan.FromMicroseconds(20);

    /// <summary>How long one that only knows what its configuration says leaves an empty store to those who may know more.</summary>
    private static readonly TimeSpan SeedPatience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _using = new(1);
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RuleDocument _document;
    private ulong _storeRevision;
    private ulong _unreadable;
    private string? _unusable;
    private NatsRuleStoreLog _log = new(NullLogger.Instance);
    private TimeProvider _time = TimeProvider.System;
    private INatsConnection? _connection;
    private SharingBucket? _bucket;
    private NatsSubjects? _subjects;
    private Func<int> _members = () => 0;
    private Wake _wake = new(TimeProvider.System);
    private long? _emptySince;
    private volatile bool _isConnected;
    private volatile bool _isRead;
    private volatile bool _isEmpty;

    /// <summary>Creates a store.</summary>
    /// <param name="document">
    /// What there is until the domain's document is read, and what the domain begins with if it has none: the document that was read last, if it
    /// was kept, or <see cref="RuleDocument.Begin"/>.
    /// </param>
    public NatsRuleStore(RuleDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        _document = document;
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public RuleDocument Document => Volatile.Read(ref _document);

    /// <inheritdoc/>
    public string Kind => "nats";

    /// <inheritdoc/>
    public bool IsCutOff => !_isConnected || !_isRead || _unusable is not null;

    /// <summary>Waits until the domain's document is known, or it is known that NATS cannot tell it now.</summary>
    /// <param name="within">How long to wait at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether the document is the domain's, or the domain has none and is to have this one.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<bool> WhenKnownAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        try
        {
            await _known.Task.WaitAsync(within, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // A server that hangs is not waited for.
        }

        return _isRead || _isEmpty;
    }

    /// <inheritdoc/>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        SharingBucket bucket = ReachableBucket();
        using CancellationTokenSource timeout = new(Patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        bool hasChanged;
        try
        {
            await _using.WaitAsync(either.Token);
            try
            {
                (hasChanged, _) = await ReadAsync(bucket, either.Token);
            }
            finally
            {
                _using.Release();
            }
        }
        catch (Exception e) when (e is NatsException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new RuleStoreException("NATS, where the rules are kept, did not answer in time; nothing was changed", e);
        }

        if (hasChanged)
        {
            Changed?.Invoke();
        }
    }

    /// <inheritdoc/>
    public async Task<bool> TryReplaceAsync(RuleDocument expected, RuleDocument replacement, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(replacement);
        SharingBucket bucket = ReachableBucket();
        using CancellationTokenSource timeout = new(2 * Patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        bool hasChanged;
        bool isReplaced;
        try
        {
            await _using.WaitAsync(either.Token);
            try
            {
                (hasChanged, isReplaced) = await ReplaceAsync(bucket, expected, replacement, either.Token);
            }
            finally
            {
                _using.Release();
            }
        }
        catch (Exception e) when (e is NatsException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new RuleStoreException("NATS did not answer in time, so nobody knows whether the rules were changed; look before you try again", e);
        }

        if (hasChanged)
        {
            Changed?.Invoke();
        }

        if (isReplaced)
        {
            await TellAsync();
        }

        return isReplaced;
    }

    /// <summary>Takes what it works with.</summary>
    internal void Attach(
        INatsConnection connection, SharingBucket bucket, NatsSubjects subjects, Func<int> members, TimeProvider time, ILogger logger)
    {
        _connection = connection;
        _subjects = subjects;
        _members = members;
        _time = time;
        _log = new NatsRuleStoreLog(logger);
        _wake = new Wake(time);
        _bucket = bucket;
    }

    /// <summary>Tells whether the bucket can be used, or that it is known by now that it cannot.</summary>
    internal void SetConnected(bool connected)
    {
        _isConnected = connected;
        _emptySince = null;
        if (connected)
        {
            _wake.Set();
        }
        else
        {
            _known.TrySetResult();
        }
    }

    /// <summary>Follows the document until told to stop.</summary>
    internal async Task FollowAsync(CancellationToken stop)
    {
        // The client alone would let it be collected as garbage.
        RawSubscription? told = null;
        while (true)
        {
            TimeSpan wait = LookInterval * (0.01 * RandomNumberGenerator.GetInt32(75, 126));
            if (_isConnected)
            {
                try
                {
                    told ??= await ListenAsync(stop);
                    wait = await LookAsync(stop) ?? wait;
                }
                catch (Exception e) when (!stop.IsCancellationRequested)
                {
                    if (e is not (NatsException or OperationCanceledException))
                    {
                        _log.Failed(e);
                    }

                    wait = Patience;
                }
            }

            await _wake.WaitAsync(wait, stop);
            await Task.Delay(Pause + Spread(), _time, stop);
        }
    }

    private SharingBucket ReachableBucket() => _isConnected && _bucket is { } bucket
        ? bucket
        : throw new RuleStoreException("the rules are kept in NATS, which cannot be reached now; those in force stay so");

    private TimeSpan Spread()
    {
        // Many members that all read at the same moment would wait for each other.
        TimeSpan longest = _members() * SpreadPerMember;
        return (longest < LongestSpread ? longest : LongestSpread) * (0.01 * RandomNumberGenerator.GetInt32(0, 101));
    }

    private async Task<RawSubscription> ListenAsync(CancellationToken stop)
    {
        Wake wake = _wake;
        RawSubscription told = new(
            _connection!, _subjects!.RulesChanged, (string _, string? _, bool _, in ReadOnlySequence<byte> _) => wake.Set());
        using CancellationTokenSource timeout = new(Patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        await told.BeginAsync(either.Token);
        return told;
    }

    private async Task TellAsync()
    {
        try
        {
            using CancellationTokenSource timeout = new(Patience, _time);
            byte[] text = Encoding.ASCII.GetBytes(_storeRevision.ToString(CultureInfo.InvariantCulture));
            await _connection!.PublishAsync(
                _subjects!.RulesChanged, text, serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: timeout.Token);
        }
        catch (Exception e) when (e is NatsException or OperationCanceledException or ObjectDisposedException)
        {
            // They look from time to time anyway.
        }
    }

    /// <summary>Reads what the store has, and gives it what it has not.</summary>
    /// <returns>When to look again; <see langword="null"/>: when it is time.</returns>
    private async Task<TimeSpan?> LookAsync(CancellationToken stop)
    {
        using CancellationTokenSource timeout = new(2 * Patience, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stop);
        bool hasChanged;
        bool isRestored = false;
        TimeSpan? again = null;
        await _using.WaitAsync(either.Token);
        try
        {
            (hasChanged, bool isMine) = await ReadAsync(_bucket!, either.Token);
            if (isMine)
            {
                again = SeedDelay();
                isRestored = again is null && await WriteAsync(_bucket!, _document, either.Token);
            }
        }
        finally
        {
            _using.Release();
        }

        if (hasChanged)
        {
            Changed?.Invoke();
        }

        if (isRestored)
        {
            if (_document.IsFromConfiguration)
            {
                _log.Seeded(_subjects!.Domain, _document.Revision);
            }
            else
            {
                _log.Restored(_subjects!.Domain, _document.Revision);
            }

            await TellAsync();
        }

        _known.TrySetResult();
        return again;
    }

    private TimeSpan? SeedDelay()
    {
        if (!_document.IsFromConfiguration || _unreadable != 0)
        {
            return null;
        }

        _emptySince ??= _time.GetTimestamp();
        TimeSpan left = SeedPatience - _time.GetElapsedTime(_emptySince.Value);
        return left > TimeSpan.Zero ? left : null;
    }

    private async Task<(bool HasChanged, bool IsReplaced)> ReplaceAsync(
        SharingBucket bucket, RuleDocument expected, RuleDocument replacement, CancellationToken cancellationToken)
    {
        bool hasChanged = false;
        if (!_isRead)
        {
            (hasChanged, _) = await ReadAsync(bucket, cancellationToken);
        }

        if (_unusable is { } problem)
        {
            throw new RuleStoreException($"the rules in NATS cannot be read here, so they are not changed either: {problem}");
        }

        if (_document != expected)
        {
            return (hasChanged, false);
        }

        if (await WriteAsync(bucket, replacement, cancellationToken))
        {
            Volatile.Write(ref _document, replacement);
            return (true, true);
        }

        (bool isOther, _) = await ReadAsync(bucket, cancellationToken);
        return (isOther, false);
    }

    private async Task<bool> WriteAsync(SharingBucket bucket, RuleDocument document, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> json = new();
        document.Write(json);
        ulong written = await bucket.WriteAsync(Key, json.WrittenMemory, _storeRevision, cancellationToken);
        if (written == 0)
        {
            return false;
        }

        _storeRevision = written;
        _unreadable = 0;
        _isRead = true;
        return true;
    }

    /// <summary>Reads the store and takes its document, unless the one that is known here is later.</summary>
    /// <returns>Whether the document has become another one, and whether the store should have the one that is known here.</returns>
    private async Task<(bool HasChanged, bool IsMine)> ReadAsync(SharingBucket bucket, CancellationToken cancellationToken)
    {
        BucketValue value = await bucket.ReadAsync(Key, cancellationToken);
        _isEmpty = value.Revision == 0;
        if (value.Revision == 0)
        {
            _storeRevision = 0;
            _unusable = null;
            return (false, true);
        }

        if (_isRead && value.Revision == _storeRevision && _unreadable == 0)
        {
            return (false, false);
        }

        _storeRevision = value.Revision;
        RuleDocument read;
        try
        {
            read = RuleDocument.Read(value.Bytes);
        }
        catch (InvalidDataException e)
        {
            return (false, Refuse(value, e.Message, isLater: false));
        }
        catch (NotSupportedException e)
        {
            return (false, Refuse(value, e.Message, isLater: true));
        }

        _unreadable = 0;
        _unusable = null;
        _isRead = true;
        if (read.Id == _document.Id && read.Revision < _document.Revision)
        {
            // The store has lost what was written last, and here it still is.
            return (false, true);
        }

        // A revision may be another one's of the same number, if the store had been put back to an older one meanwhile.
        bool hasChanged = read.Id != _document.Id
            || read.Revision != _document.Revision
            || RuleDocument.FingerprintOf(read.Rules) != RuleDocument.FingerprintOf(_document.Rules);
        Volatile.Write(ref _document, read);
        return (hasChanged, false);
    }

    /// <summary>Whether what the store has is to be replaced, as it is no document at all; one of a later version is left alone.</summary>
    private bool Refuse(BucketValue value, string problem, bool isLater)
    {
        if (_unreadable != value.Revision)
        {
            _log.Unreadable(_subjects!.Bucket, problem);
        }

        _unreadable = value.Revision;
        _unusable = isLater ? problem : null;
        return !isLater;
    }
}
