using System.Buffers.Binary;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>The secret that all members hash keys with: whoever hashes with another shares nothing with the others.</content>
public sealed partial class QuotaSharing
{
    private const string SecretKey = "secret";
    private const int SecretLength = 16;

    /// <summary>However many members there are, they read it no more often than this.</summary>
    private const int SecretReadsPerSecond = 1_000;

    private static readonly long SecretInterval = QuotaClock.Units(TimeSpan.FromSeconds(8));
    private static readonly long SecretRetryInterval = QuotaClock.Units(TimeSpan.FromSeconds(3));

    private bool _isSecretNew;
    private bool _isSecretUnderWay;
    private bool _isSecretUnusable;
    private byte[]? _secret;
    private long _secretAt;

    /// <summary>Reads the secret, and again from time to time, as it may be replaced.</summary>
    private void SeekSecret(long now)
    {
        if (_isConnected && !_isSecretUnderWay && now >= _secretAt)
        {
            _isSecretUnderWay = true;
            _transport!.Read(SecretKey);
        }
    }

    private void SecretRead(ReadOnlySpan<byte> value, ulong revision, in QuotaInstant now, ISharingTransport transport)
    {
        _isSecretUnderWay = false;
        if (revision == 0)
        {
            // What it knows is what others know, so that a store that was lost changes no key's hash.
            _isSecretUnderWay = true;
            _secret ??= RandomBytes(SecretLength);
            transport.Write(SecretKey, _secret, 0);
        }
        else if (value.Length == SecretLength)
        {
            Use(value, now, transport);
        }
        else
        {
            _refused++;
            _secretAt = now.Units + SecretRetryInterval;
            if (!_isSecretUnusable)
            {
                _isSecretUnusable = true;
                transport.Notice(SharingNotice.SecretUnusable);
            }
        }
    }

    private void SecretWritten(ulong revision, in QuotaInstant now, ISharingTransport transport)
    {
        _isSecretUnderWay = false;
        if (revision != 0 && _secret is { } secret)
        {
            Use(secret, now, transport);
        }
    }

    private void SecretFailed(long now)
    {
        _isSecretUnderWay = false;
        _secretAt = now + RetryInterval;
    }

    private void Use(ReadOnlySpan<byte> secret, in QuotaInstant now, ISharingTransport transport)
    {
        uint part = BinaryPrimitives.ReadUInt32LittleEndian(RandomBytes(sizeof(uint)));
        long interval = SecretInterval * Math.Max(Holder.Members, 8 * SecretReadsPerSecond) / (8 * SecretReadsPerSecond);
        _secretAt = now.Units + interval + (long)(interval / 2 * (part / (double)uint.MaxValue));
        _isSecretUnusable = false;
        _secret = secret.ToArray();
        KeyHasher hasher = new(secret);
        if (Holder.Secret?.Hash("same") == hasher.Hash("same"))
        {
            return;
        }

        if (Holder.Secret is not null)
        {
            SecretReplaced(now, transport);
        }

        Holder.Secret = hasher;
        Volatile.Write(ref _isSecretNew, true);
    }

    /// <summary>
    /// All keys are new ones. So that they are not fresh ones, what is owned begins as after a takeover, and so does what will be.
    /// </summary>
    private void SecretReplaced(in QuotaInstant now, ISharingTransport transport)
    {
        transport.Notice(SharingNotice.SecretReplaced);
        _storeNewAt = now.Units;
        foreach (ShardOwnership ownership in _ownerships)
        {
            // Revisions may have begun anew: a bucket with another secret may be another bucket.
            Holder.Links[ownership.Shard].Epoch = 0;
            ownership.Distrust(now.Units);
            if (ownership.Ledger is { } ledger)
            {
                ownership.Begin(new Ledger(ledger.Shard, ledger.Epoch, hasPredecessor: true, now, _time));
            }
        }
    }

    /// <summary>Tells the limiter of a new secret; not while others are kept from their turn, as the limiter may be waiting for its own.</summary>
    private void FollowSecret()
    {
        if (Volatile.Read(ref _isSecretNew))
        {
            Volatile.Write(ref _isSecretNew, false);
            _secretChanged!();
        }
    }
}
