using MeliProxy.RateLimiting.Algorithms;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>How one process comes to own a shard, keeps it and loses it.</summary>
/// <remarks>
/// <code>
///           nobody answers           no owner, or none that                written
/// (nothing) ──────────────▶ reading ─ has renewed in time ──▶ claiming ──────────────▶ owner ──┐ renews twice a second
///     ▲                        │                                 │                      │  ▲  │
///     └───────── owner lives ──┴────────────── another was faster ┘        not renewed ──┘  └──┘
/// </code>
/// An owner counts from before it wrote, and gives up a tenth early; the others count from after they read, so two clocks that run at the same
/// speed are enough for never having two owners that grant. Where the store has lost an owner that was heard of, it is given that time, too.
/// </remarks>
internal sealed class ShardOwnership(int shard, ulong node)
{
    /// <summary>An owner that has not renewed for this long is one no more.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(2);

    private static readonly long LifeUnits = QuotaClock.Units(Life);
    private static readonly long OwnLifeUnits = LifeUnits - (LifeUnits / 10);
    private static readonly long RenewInterval = QuotaClock.Units(TimeSpan.FromMilliseconds(500));
    private static readonly long RetryInterval = QuotaClock.Units(TimeSpan.FromMilliseconds(300));
    private static readonly long LookInterval = QuotaClock.Units(TimeSpan.FromSeconds(1));

    private ulong _revision;
    private long _observedAt;
    private ulong _observedRevision;
    private long _writtenAt;
    private long _nextAt;
    private long _claimableAt;
    private ulong _settledEpoch;
    private Ledger? _lost;
    private bool _isKnown;
    private ulong _claimedEpoch;
    private ulong _resumableEpoch;
    private bool _isUnderWay;
    private bool _isGivingUp;
    private bool _isRevisionUnknown;

    public string Key { get; } = $"shard.{shard}";

    public int Shard { get; } = shard;

    /// <summary>The ledger while this process owns the shard.</summary>
    public Ledger? Ledger { get; private set; }

    /// <summary>Whether the shard had an owner before, which may have been this process.</summary>
    public bool HadPredecessor { get; private set; }

    /// <summary>What this process knew when it last owned the shard, where the store has lost that since; to be taken over by its ledger.</summary>
    public Ledger? Inheritance { get; private set; }

    /// <summary>Until when no other can have taken the shard over; what is granted ends by then.</summary>
    public long OwnedUntil { get; private set; }

    /// <summary>Whether this process may grant: it owns the shard and no other can have taken it over.</summary>
    public bool IsOwned(long now) => Ledger is not null && now < OwnedUntil;

    /// <summary>Tries to find out who owns the shard, or to become its owner.</summary>
    public void Seek(long now, ISharingTransport transport)
    {
        if (!_isUnderWay && now >= _nextAt)
        {
            _isUnderWay = true;
            transport.Read(Key);
        }
    }

    /// <summary>Renews what is owned; false if it is owned no more.</summary>
    public bool TryKeep(long now, ISharingTransport transport)
    {
        if (now >= OwnedUntil)
        {
            Lose(now);
            return false;
        }

        if (!_isUnderWay && _isRevisionUnknown)
        {
            _isUnderWay = true;
            transport.Read(Key);
        }
        else if (!_isUnderWay && (now - _writtenAt >= RenewInterval || !IsEpochWritten))
        {
            Write(node, now, transport);
        }

        return true;
    }

    /// <summary>Gives up what is owned, so that another need not wait.</summary>
    public void GiveUp(long now, ISharingTransport transport)
    {
        Lose(now);
        _lost = null;
        if (!_isUnderWay)
        {
            Write(0, now, transport);
        }
    }

    /// <summary>Takes what was read.</summary>
    /// <param name="value">What is written of the owner.</param>
    /// <param name="revision">The revision; 0 if nothing is.</param>
    /// <param name="knownEpoch">The epoch of the last owner that was heard of; 0 if none was.</param>
    /// <param name="isStoreNew">Whether the store is a new one, in which nothing written does not mean that there was nothing.</param>
    /// <param name="now">The moment.</param>
    /// <param name="delay">How long to wait before the next try, so that not all try at once.</param>
    /// <param name="transport">The transport.</param>
    public void Observed(
        ReadOnlySpan<byte> value,
        ulong revision,
        ulong knownEpoch,
        bool isStoreNew,
        long now,
        long delay,
        ISharingTransport transport)
    {
        _isUnderWay = false;
        _isRevisionUnknown = false;
        ulong owner = ShardClaim.Read(value, revision, out ulong epoch);
        if (Ledger is not null)
        {
            // A renewal may or may not have been written. If it is another's by now, the next one fails.
            _revision = owner == node ? revision : _revision;
            return;
        }

        if (revision != _observedRevision || _observedAt == 0)
        {
            _observedRevision = revision;
            _observedAt = now;
        }

        if (epoch >= knownEpoch)
        {
            _settledEpoch = 0;
        }
        else if (_settledEpoch != knownEpoch)
        {
            // The store has lost an owner, which may not know that yet, and grants for as long as it lives. If it was this process, it goes first.
            _settledEpoch = knownEpoch;
            _claimableAt = now + LifeUnits + (_lost?.Epoch == knownEpoch ? 0 : RetryInterval);
        }

        _resumableEpoch = owner == node && epoch == _lost?.Epoch ? epoch : 0;
        _isKnown = knownEpoch != 0 || isStoreNew;
        _lost = _lost is { } lost && epoch <= lost.Epoch ? lost : null;
        Inheritance = epoch < _lost?.Epoch ? _lost : null;

        _revision = revision;
        bool isVacant = owner == 0 || owner == node || now - _observedAt >= LifeUnits;
        if (isVacant && now >= _claimableAt)
        {
            Write(node, now, transport);
        }
        else
        {
            _nextAt = delay + (isVacant ? Math.Min(_claimableAt, now + LookInterval) : _observedAt + LifeUnits);
        }
    }

    /// <summary>Takes the outcome of a write; whether this process has just become the owner.</summary>
    public bool Written(ulong revision, long now, long delay)
    {
        _isUnderWay = false;
        if (revision == 0)
        {
            // Refused in time: no other has granted since, so if that is because the store has lost it, it need not wait.
            _settledEpoch = IsOwned(now) ? Ledger!.Epoch : _settledEpoch;
            Lose(now);
            _nextAt = now + RetryInterval + delay;
            return false;
        }

        bool isNew = Ledger is null;
        _revision = revision;
        OwnedUntil = _writtenAt + OwnLifeUnits;
        return isNew && now < OwnedUntil && !_isGivingUp;
    }

    /// <summary>Nobody knows whether the last operation was done.</summary>
    public void Failed(long now, long delay)
    {
        _isUnderWay = false;
        _isRevisionUnknown = Ledger is not null;
        _nextAt = now + RetryInterval + delay;
    }

    /// <summary>
    /// Goes on with what was lost for want of a renewal in time, if no other has owned it since: what was written follows this process's own.
    /// </summary>
    public bool TryResume(in QuotaInstant now)
    {
        if (_lost is not { } lost || lost.Epoch != _claimedEpoch)
        {
            return false;
        }

        lost.Resume(now);
        Begin(lost);
        return true;
    }

    public void Begin(Ledger ledger)
    {
        Ledger = ledger;
        Inheritance = null;
        _lost = null;
    }

    /// <summary>Gives an owner that the store may have lost time to find that out.</summary>
    public void Distrust(long now)
    {
        _claimableAt = now + LifeUnits;
        Inheritance = null;
        _lost = null;
    }

    /// <summary>Whether others can read of the epoch; false after a renewal that turned out to be a new beginning.</summary>
    private bool IsEpochWritten => _claimedEpoch == 0 || _claimedEpoch == Ledger!.Epoch;

    private void Lose(long now)
    {
        _lost = Ledger ?? _lost;
        Ledger = null;
        _isRevisionUnknown = false;
        OwnedUntil = 0;
        _observedAt = 0;
        _nextAt = now;
    }

    private void Write(ulong owner, long now, ISharingTransport transport)
    {
        _isUnderWay = true;
        _isGivingUp = owner == 0;
        _writtenAt = now;

        // A renewal may turn out to be a new beginning: where what was owned has ended by the time that it is written.
        HadPredecessor = _revision != 0 || _isKnown;

        _claimedEpoch = Ledger?.Epoch ?? (_lost is not null ? _resumableEpoch : 0);
        transport.Write(Key, ShardClaim.Write(owner, _claimedEpoch), _revision);
    }
}
