using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing.Messages;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>The account of one shard, for as long as one owner keeps it. Free of transport and clock.</summary>
/// <remarks>
/// A new owner knows nothing of what the one before granted since it last saved. What comes back by itself within seconds begins with nothing
/// left at the moment of the takeover: the one before granted nothing after that moment, so both together give out no more than one would have.
/// What takes longer is saved before it is granted, so that it is known.
/// </remarks>
internal sealed partial class Ledger
{
    private const int MaxKeys = 50_000;
    private const int MaxTerms = 4_096;
    private const int ReportsPerSecond = 20_000;

    private static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan MostInterval = TimeSpan.FromSeconds(1);
    private static readonly long SweepInterval = QuotaClock.Units(TimeSpan.FromMilliseconds(250));

    /// <summary>What was saved ahead and not granted for this long is not lost with the owner any more.</summary>
    private static readonly long PlanLife = QuotaClock.Units(TimeSpan.FromSeconds(2));

    /// <summary>Who has not yet listened for this long does not know all members, who report in once a second.</summary>
    private static readonly long CountingTime = QuotaClock.Units(TimeSpan.FromSeconds(2.5));
    private static readonly long NodeLife = QuotaClock.Units(TimeSpan.FromSeconds(15));

    private readonly Dictionary<KeyHash, LedgerKey> _keys = [];
    private readonly Dictionary<LeaseTerms, Limit?> _limits = [];
    private readonly Dictionary<ulong, long> _nodes = [];
    private readonly bool _hasPredecessor;
    private readonly QuotaInstant _startedAt;
    private readonly TimeProvider _time;
    private long _sweptAt;

    /// <param name="shard">The shard.</param>
    /// <param name="epoch">The owner's epoch.</param>
    /// <param name="hasPredecessor">Whether the shard has had an owner before.</param>
    /// <param name="startedAt">When this owner took over.</param>
    /// <param name="time">For saying when a state was saved.</param>
    public Ledger(int shard, ulong epoch, bool hasPredecessor, in QuotaInstant startedAt, TimeProvider time)
    {
        Shard = shard;
        Epoch = epoch;
        _hasPredecessor = hasPredecessor;
        _startedAt = startedAt;
        _time = time;
        UsedAt = startedAt.Units;
    }

    public int Shard { get; }

    public ulong Epoch { get; }

    public int Keys => _keys.Count;

    /// <summary>Members that reported lately.</summary>
    public int Nodes => _nodes.Count;

    /// <summary>When the last report came.</summary>
    public long UsedAt { get; private set; }

    public long Outstanding => _keys.Values.Sum(k => k.Outstanding);

    /// <summary>Takes a report, and writes the answer; false if it is not to be answered.</summary>
    /// <param name="report">The report after its start. Anything may be in it.</param>
    /// <param name="answer">Receives the answer.</param>
    /// <param name="now">The moment.</param>
    /// <param name="ownedUntil">When every lease has to have ended, as another may own the shard afterwards.</param>
    /// <param name="node">Who reported.</param>
    public bool Answer(ref MessageReader report, ref MessageWriter answer, in QuotaInstant now, long ownedUntil, out ulong node)
    {
        node = report.ReadFixed();
        ulong sequence = report.ReadNumber();
        ulong epoch = report.ReadNumber();
        if (epoch > Epoch || !IsWellFormed(report))
        {
            return false;
        }

        UsedAt = now.Units;
        if (_nodes.ContainsKey(node) || _nodes.Count < MaxKeys)
        {
            _nodes[node] = now.Units;
        }

        TimeSpan interval = Interval();
        TimeSpan longest = new((ownedUntil - now.Units) / QuotaClock.UnitsPerTick);
        answer.WriteAnswerHeader(Shard, Epoch, sequence, interval, KnownMembers(now));

        // Accounts under another owner are no business of this one. The member begins new ones when it learns of the epoch.
        bool isOfThisEpoch = epoch == 0 || epoch == Epoch;
        while (!report.IsAtEnd && isOfThisEpoch && IsReady)
        {
            LeaseTerms terms = report.ReadTerms(out int count);
            Limit limit = LimitOf(terms)!;
            for (int i = 0; i < count; i++)
            {
                Take(report.ReadReportedKey(), node, sequence, terms, limit, interval, longest, ref answer, now);
            }
        }

        return true;
    }

    /// <summary>Ends the leases that were not renewed in time, and forgets keys that stand as if never seen.</summary>
    public void Sweep(in QuotaInstant now)
    {
        if (now.Units - _sweptAt < SweepInterval)
        {
            return;
        }

        _sweptAt = now.Units;
        List<KeyHash>? idle = null;
        foreach (LedgerKey key in _keys.Values)
        {
            if (key.Limit is { } limit)
            {
                key.Advance(limit, now);
                Expire(key, limit, now);
                if (key.IsDurable && now.Units - key.GrantedAt > PlanLife && key.TryLowerPlan(limit, now))
                {
                    _isDirty[ChunkOf(key.Hash)] = true;
                }
            }

            if (key.Records.Count == 0 && Limit.IsIdle(key.Hash.Kind, Math.Max(key.State.Word, key.Ceiling), now))
            {
                (idle ??= []).Add(key.Hash);
            }
        }

        foreach (KeyHash hash in idle ?? [])
        {
            _keys.Remove(hash);
        }

        foreach ((ulong node, long seenAt) in _nodes)
        {
            if (now.Units - seenAt > NodeLife)
            {
                _nodes.Remove(node);
            }
        }
    }

    /// <summary>Whether all that follows can be; if not, none of it is taken into account.</summary>
    private bool IsWellFormed(MessageReader report)
    {
        int keys = 0;
        while (!report.IsBad && !report.IsAtEnd)
        {
            LeaseTerms terms = report.ReadTerms(out int count);
            if (report.IsBad || (keys += count) > MessageFormat.MaxKeys || LimitOf(terms) is not { } limit)
            {
                return false;
            }

            for (int i = 0; i < count; i++)
            {
                ReportedKey key = report.ReadReportedKey();
                if (report.IsBad || key.Hash.Kind != limit.Kind || QuotaSharing.ShardOf(key.Hash) != Shard)
                {
                    return false;
                }
            }
        }

        return !report.IsBad;
    }

    private int KnownMembers(in QuotaInstant now) =>
        Shard == QuotaSharing.GreetedShard && now.Units - _startedAt.Units >= CountingTime ? Nodes : 0;

    private static void Expire(LedgerKey key, Limit limit, in QuotaInstant now)
    {
        foreach ((ulong node, LeaseRecord record) in key.Records)
        {
            if (record.ClosesAt < now.Units)
            {
                key.Close(node, record, limit, now);
            }
            else if (record.ExpiresAt < now.Units)
            {
                // Nobody waits for what it wanted. What it holds is out of reach until it tells, or counts as spent.
                key.Set(record, record.Granted, record.Allowed, record.Spent, record.Returned, wanted: 0);
            }
        }
    }

    private void Take(
        in ReportedKey reported,
        ulong node,
        ulong sequence,
        LeaseTerms terms,
        Limit limit,
        TimeSpan interval,
        TimeSpan longest,
        ref MessageWriter answer,
        in QuotaInstant now)
    {
        if (FindOrAdd(reported.Hash, terms, limit, now) is not { } key || FindRecord(key, reported, node, limit, now) is not { } record)
        {
            return;
        }

        if (sequence <= record.Sequence)
        {
            return;
        }

        record.Sequence = sequence;
        key.Charge(limit, Math.Max(reported.Spent - record.Spent, 0), now);
        key.Set(
            record,
            record.Granted,
            Math.Max(record.Allowed, Math.Min(reported.Allowed, reported.Spent + limit.Capacity)),
            Math.Max(record.Spent, reported.Spent),
            Math.Max(record.Returned, reported.Returned),
            Math.Min(reported.Wanted, LeaseWord.MaxPermits / 2));
        TimeSpan validity = Validity(limit, terms, longest, now);
        long room = Room(key, terms, limit, now);
        long granted = validity > TimeSpan.Zero ? Share(key, record, terms, room) : 0;
        key.Set(record, record.Granted + granted, record.Allowed, record.Spent, record.Returned, record.Wanted);
        key.GrantedAt = granted > 0 ? now.Units : key.GrantedAt;

        // Longer than the member counts, whose clock may go a little slower, and who counts from when it sent the report.
        record.ExpiresAt = now.Units + QuotaClock.Units(validity + (validity / 64) + TimeSpan.FromMilliseconds(1));
        QuotaStanding standing = limit.Standing(
            new KeyState(limit.Charge(key.State, key.Outstanding, now), key.State.Previous), terms.Cost, now);
        long left = Math.Max(room - granted, 0);
        answer.Write(new AnsweredKey(
            reported.Hash,
            record.Account,
            record.Granted,
            (long)validity.TotalMilliseconds,
            standing.Remaining,
            (long)Math.Ceiling(standing.ResetAfter.TotalMilliseconds),
            (long)Math.Ceiling(left >= terms.Cost ? interval.TotalMilliseconds : standing.RetryAfter.TotalMilliseconds)));
    }

    private LedgerKey? FindOrAdd(in KeyHash hash, LeaseTerms terms, Limit limit, in QuotaInstant now)
    {
        if (!_keys.TryGetValue(hash, out LedgerKey? key))
        {
            if (_keys.Count >= MaxKeys)
            {
                return null;
            }

            key = new LedgerKey(hash, _hasPredecessor && !terms.IsDurable ? limit.Exhausted(hash, _startedAt) : limit.Fresh(hash, now));
            _keys.Add(hash, key);
        }

        key.IsDurable = terms.IsDurable;

        key.Limit = limit;
        key.Advance(limit, now);
        return key;
    }

    /// <summary>The record of a member's lease; <see langword="null"/> if the report is of one that has ended here.</summary>
    private static LeaseRecord? FindRecord(LedgerKey key, in ReportedKey reported, ulong node, Limit limit, in QuotaInstant now)
    {
        bool isKnown = key.Records.TryGetValue(node, out LeaseRecord? record);
        if (isKnown && record!.Account >= reported.Account)
        {
            return record.Account == reported.Account ? record : null;
        }

        if (isKnown)
        {
            key.Close(node, record!, limit, now);
        }

        if (reported.Granted > 0)
        {
            return null;
        }

        record = new LeaseRecord(reported.Account);
        key.Records.Add(node, record);
        return record;
    }

    /// <summary>Permits that can be granted.</summary>
    private long Room(LedgerKey key, LeaseTerms terms, Limit limit, in QuotaInstant now)
    {
        long room = limit.Standing(key.State, 1, now).Remaining - key.Outstanding;
        if (!terms.IsDurable)
        {
            return room;
        }

        long saved = limit.PermitsUpTo(key.State, key.Ceiling, now) - key.Outstanding;
        long ahead = Math.Min(Math.Max(4 * key.Wanted, terms.Cost), room);
        if (saved < ahead / 2 || (saved < terms.Cost && ahead > 0))
        {
            Plan(key, limit.Charge(key.State, key.Outstanding + ahead, now));
        }

        return Math.Min(room, saved);
    }

    /// <summary>
    /// One member's part of what is there: what it wants, but of what is scarce no more than its part of what all want, nor than half.
    /// </summary>
    private static long Share(LedgerKey key, LeaseRecord record, LeaseTerms terms, long room)
    {
        if (record.Wanted == 0 || room < terms.Cost)
        {
            return 0;
        }

        long part = record.Wanted >= key.Wanted ? room : (long)((Int128)room * record.Wanted / key.Wanted);
        long half = key.Records.Count > 1 ? (room + 1) / 2 : room;
        return Math.Min(Math.Min(record.Wanted, Math.Max(Math.Min(part, half), terms.Cost)), room);
    }

    /// <summary>
    /// How long a lease lasts: until another may own the shard, who so has nothing to fear from leases that it does not know of.
    /// </summary>
    private static TimeSpan Validity(Limit limit, LeaseTerms terms, TimeSpan longest, in QuotaInstant now)
    {
        if (terms.Algorithm != Rules.RateLimitAlgorithm.FixedWindow)
        {
            return longest;
        }

        // Nobody spends what is of this window in the next one.
        TimeSpan untilEnd = limit.Standing(limit.Fresh(default, now), 1, now).ResetAfter;
        return longest < untilEnd ? longest : untilEnd;
    }

    /// <summary>So many members report so often that the owner can bear it.</summary>
    private TimeSpan Interval()
    {
        TimeSpan interval = TimeSpan.FromSeconds((double)_nodes.Count / ReportsPerSecond);
        return interval < LeastInterval ? LeastInterval : interval > MostInterval ? MostInterval : interval;
    }

    private Limit? LimitOf(LeaseTerms terms)
    {
        if (!_limits.TryGetValue(terms, out Limit? limit))
        {
            if (_limits.Count >= MaxTerms)
            {
                _limits.Clear();
            }

            limit = terms.ToLimit();
            _limits.Add(terms, limit);
        }

        return limit;
    }
}
