using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing.Messages;
using MeliProxy.RateLimiting.Limiting;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What a holder knows of one key: the numbers of its present lease, and how fast it is used.</summary>
/// <remarks>
/// An account is one lease, renewed for as long as it is answered in time. When it has ended, the next one has a higher number and begins
/// at zero; the ledger takes what was not reported of an ended one as spent.
/// </remarks>
internal sealed class LeaseAccount(in KeyHash hash, BoundRule rule, int limit)
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(25);

    private long _allowedHeard;
    private long _allowedReported;
    private long _allowedReportedAt;
    private long _missed;
    private long _overdrawn;
    private long _remaining;
    private long _resetAt;
    private long _retryAt;
    private volatile bool _isAnswered;
    private volatile bool _isServed;

    public KeyHash Hash { get; } = hash;

    public BoundRule Rule { get; private set; } = rule;

    /// <summary>Position in <see cref="BoundRule.Limits"/>.</summary>
    public int Limit { get; private set; } = limit;

    public int Shard { get; } = QuotaSharing.ShardOf(hash);

    /// <summary>Grows with each lease; 0 before the first.</summary>
    public ulong Number { get; private set; }

    public long Granted { get; set; }

    public long Allowed { get; set; }

    public long Spent { get; set; }

    public long Returned { get; set; }

    /// <summary>Permits used and asked for in a second, lately.</summary>
    public double Rate { get; set; }

    /// <summary>Permits used and asked for in the last moment, those longer ago counting less.</summary>
    public double AtOnce { get; set; }

    /// <summary>The most that <see cref="AtOnce"/> has been in the last seconds.</summary>
    public double MostAtOnce { get; set; }

    public long VisitedAt { get; set; }

    public long UsedAt { get; set; }

    /// <summary>When it was last reported; 0 if it has not been under this number.</summary>
    public long ReportedAt { get; private set; }

    public long SpentReported { get; private set; }

    public long ReturnedReported { get; private set; }

    /// <summary>
    /// Permits that it allowed itself and has spent, of which no owner is known to have heard. They are owed whatever becomes of the lease.
    /// </summary>
    public long Owed => Math.Clamp(Allowed - _allowedHeard, 0, Spent);

    /// <summary>Whether its permits end when the ledger says; before, they are those that it allowed itself.</summary>
    public bool IsConfirmed { get; set; }

    /// <summary>When it is to be looked at again.</summary>
    public long DueAt { get; set; }

    /// <summary>What its fallback had in use when it was cut off; negative while it is not.</summary>
    public long FallbackBase { get; set; } = -1;

    /// <summary>Tells of permits that were asked for and not there; whether it is the first since they were last counted.</summary>
    public bool Miss(long permits) => Interlocked.Add(ref _missed, permits) == permits;

    /// <summary>Tells of permits that were charged and not there; whether it is the first since they were last counted.</summary>
    public bool Overdraw(long permits) => Interlocked.Add(ref _overdrawn, permits) == permits;

    public long TakeMissed() => Interlocked.Exchange(ref _missed, 0);

    public long TakeOverdrawn() => Interlocked.Exchange(ref _overdrawn, 0);

    /// <summary>Begins the next account, to which it takes what it owes.</summary>
    /// <param name="number">The account's number.</param>
    /// <param name="allowed">Permits that are there though they were not granted under this account.</param>
    public void Begin(ulong number, long allowed)
    {
        long owed = Owed;
        Number = number;
        Granted = 0;
        Allowed = allowed + owed;
        Spent = owed;
        _allowedHeard = 0;
        _allowedReported = 0;
        Returned = 0;
        ReportedAt = 0;
        SpentReported = 0;
        ReturnedReported = 0;
        IsConfirmed = false;
    }

    /// <summary>Notes that the account is being reported as it stands.</summary>
    public void Reported(long now)
    {
        ReportedAt = now;
        SpentReported = Spent;
        ReturnedReported = Returned;
        if (Allowed != _allowedReported)
        {
            _allowedReported = Allowed;
            _allowedReportedAt = now;
        }
    }

    /// <summary>Notes that an owner has heard what was reported at a time.</summary>
    public void Heard(long sentAt)
    {
        if (sentAt >= _allowedReportedAt)
        {
            _allowedHeard = _allowedReported;
        }
    }

    /// <summary>Takes other rules into account: the key keeps its lease.</summary>
    public void Follow(BoundRule rule, int limit)
    {
        Rule = rule;
        Limit = limit;
    }

    public LeaseLimit? LimitAt(in QuotaInstant now)
    {
        int index = Limit;
        return DecisionEngine.LimitOf(Rule, ref index, now).Limit as LeaseLimit;
    }

    public void Tell(in AnsweredKey answer, in QuotaInstant now)
    {
        Volatile.Write(ref _remaining, answer.Remaining);
        Volatile.Write(ref _resetAt, now.Units + (Math.Min(answer.ResetMilliseconds, long.MaxValue / 4 / QuotaClock.UnitsPerMillisecond) * QuotaClock.UnitsPerMillisecond));
        Volatile.Write(ref _retryAt, now.Units + (Math.Min(answer.RetryMilliseconds, long.MaxValue / 4 / QuotaClock.UnitsPerMillisecond) * QuotaClock.UnitsPerMillisecond));
        _isAnswered = true;
    }

    /// <summary>Notes that permits were granted.</summary>
    public void Serve() => _isServed = true;

    /// <summary>
    /// Whether no permits were ever granted, and the ledger has not said either that there are too few. It grants none at first of what it has
    /// to save before.
    /// </summary>
    public bool AwaitsFirstLease(long cost) => !_isServed && (!_isAnswered || Volatile.Read(ref _remaining) >= cost);

    /// <summary>What all members together had left, as the ledger last told; <see langword="null"/> if it never did.</summary>
    public long? KnownRemaining => _isAnswered ? Volatile.Read(ref _remaining) : null;

    public QuotaStanding Standing(long held, long cost, long capacity, in QuotaInstant now)
    {
        long remaining = _isAnswered ? Math.Min(Volatile.Read(ref _remaining) + held, capacity) : held;
        TimeSpan retry = Until(ref _retryAt, now);
        return new QuotaStanding(
            remaining,
            Until(ref _resetAt, now),
            cost <= held ? TimeSpan.Zero : retry > LeastWait ? retry : LeastWait);
    }

    private static TimeSpan Until(ref long at, in QuotaInstant now) =>
        new(Math.Max(Volatile.Read(ref at) - now.Units, 0) / QuotaClock.UnitsPerTick);
}
