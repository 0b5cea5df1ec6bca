using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Leasing.Messages;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>Looking after accounts: what is spent, what is wanted, and when to say so.</content>
internal sealed partial class LeaseHolder
{
    private const double SmoothingSeconds = 0.1;

    /// <summary>A rate that rises is followed faster, as what is not asked for in time is rejected.</summary>
    private const double RisingSmoothingSeconds = 0.03;

    /// <summary>What comes within this time counts as come at once.</summary>
    private const double BurstSeconds = 0.1;

    /// <summary>For how long the largest burst is remembered: as long as a key that is not used.</summary>
    private const double BurstMemorySeconds = 10;

    private static readonly long LongestWait = QuotaClock.Units(TimeSpan.FromMilliseconds(250));
    private static readonly long SpentUnreportedFor = QuotaClock.Units(TimeSpan.FromMilliseconds(200));
    private static readonly long RenewBefore = QuotaClock.Units(TimeSpan.FromMilliseconds(800));
    private static readonly long UnusedTime = QuotaClock.Units(TimeSpan.FromMilliseconds(250));
    private static readonly long IdleTime = QuotaClock.Units(TimeSpan.FromSeconds(10));
    private static readonly long LeastHorizon = QuotaClock.Units(TimeSpan.FromMilliseconds(100));

    /// <summary>Whether something is to be done soon.</summary>
    public bool IsActive => !_signals.IsEmpty || !_accounts.IsEmpty;

    /// <summary>Visits the accounts that are due or signalled; reports what is to be reported.</summary>
    public void Visit(in QuotaInstant now, Reports reports)
    {
        int signals = Volatile.Read(ref _signalCount);
        for (int i = 0; i < signals && _signals.TryDequeue(out LeaseSignal signal); i++)
        {
            Interlocked.Decrement(ref _signalCount);
            Take(signal, now, reports);
        }

        while (_due.TryPeek(out LeaseAccount? account, out long dueAt) && dueAt <= now.Units)
        {
            _due.Dequeue();
            if (account.DueAt == dueAt && TryFind((long)account.Hash.Low, out LeaseAccount? present) && present == account)
            {
                Visit(account, now, reports);
            }
        }
    }

    /// <summary>Hands back everything.</summary>
    public void Leave(in QuotaInstant now, Reports reports)
    {
        foreach (LeaseAccount account in _accounts.Values)
        {
            End(account, now, reports);
        }
    }

    private void Take(in LeaseSignal signal, in QuotaInstant now, Reports reports)
    {
        if (!TryFind((long)signal.Hash.Low, out LeaseAccount? account))
        {
            if (_accounts.Count >= MaxAccounts || signal.Rule.LimitAt(signal.Limit) is not LeaseLimit)
            {
                return;
            }

            account = new LeaseAccount(signal.Hash, signal.Rule, signal.Limit) { VisitedAt = now.Units - LeastHorizon };
            _accounts[(long)signal.Hash.Low] = account;
        }

        account.Miss(signal.Missed);
        account.Overdraw(signal.Overdrawn);
        if (account.ReportedAt == 0 || now.Units - account.ReportedAt >= Links[account.Shard].Interval)
        {
            Visit(account, now, reports);
        }
        else
        {
            Schedule(account, account.ReportedAt + Links[account.Shard].Interval);
        }
    }

    private void Visit(LeaseAccount account, in QuotaInstant now, Reports reports)
    {
        if (account.LimitAt(now) is not { } limit)
        {
            End(account, now, reports);
            return;
        }

        if (Links[account.Shard].IsCutOff)
        {
            Schedule(account, now.Units + LongestWait);
            return;
        }

        HandBackEnded(account, limit, now, reports);
        long missed = account.TakeMissed();
        long overdrawn = account.TakeOverdrawn();
        if (!TryReadLease(account, limit, now, out int slot, out KeyState state) && missed + overdrawn + account.Owed == 0 && account.Rate < 1)
        {
            End(account, now, reports);
            return;
        }

        account.Allowed += overdrawn;
        long left = LeaseWord.Permits(state.Word);
        long used = Spend(account, left) - overdrawn + missed;
        Measure(account, used, now);
        if (now.Units - account.UsedAt > IdleTime && account.Owed == 0)
        {
            End(account, now, reports);
            return;
        }

        ShardLink link = Links[account.Shard];
        double horizon = Math.Max(LeastHorizon, (2.5 * link.Interval) + (2 * link.Lag)) / (1000.0 * QuotaClock.UnitsPerMillisecond);
        double expected = WithMargin(account.Rate * horizon, limit);
        double target = Math.Min(
            (2 * limit.Cost) + Math.Max(expected + missed, ForBursts(account, limit, left)), Math.Min(limit.Capacity, LeaseWord.MaxPermits / 2));
        bool isWantedElsewhere = IsWantedElsewhere(account, limit, link, now);
        left = isWantedElsewhere
            ? HandBack(account, slot, state, 0, 0)
            : HandBack(account, slot, state, (long)(2 * target) + (4 * limit.Cost), (long)target);
        long wanted = isWantedElsewhere ? 0 : Math.Max((long)Math.Ceiling(target) - left, 0);
        if (IsToBeReported(account, state, wanted, target, missed, link, now))
        {
            reports.Add(limit.Terms, Describe(account, limit, wanted));
            account.Reported(now.Units);
        }

        double secondsToHalf = account.Rate > 0 ? Math.Max(left - (target / 2), 0) / account.Rate : 1;
        long wait = (long)Math.Min(secondsToHalf * 1000 * QuotaClock.UnitsPerMillisecond, LongestWait);
        Schedule(account, now.Units + Math.Max(wait, link.Interval));
    }

    private static double WithMargin(double permits, LeaseLimit limit) => permits + (2 * Math.Sqrt(permits * limit.Cost));

    /// <summary>
    /// What is held whatever the demand of the moment, so that requests that come at once pass: as many as have come at once lately, and at
    /// least a hundredth of what the key can hold, or all members' part of a tenth if that is less. Only what is not scarce is kept so: all of it
    /// while half of the quota is free or held here, and nothing once it is a quarter; and never more than an eighth of what is left, as what is
    /// held is lost with the member.
    /// </summary>
    private double ForBursts(LeaseAccount account, LeaseLimit limit, long left)
    {
        double least = limit.Capacity / Math.Max(100.0, 10.0 * Members);
        double there = account.KnownRemaining is { } remaining ? remaining + left : limit.Capacity;
        double plenty = Math.Clamp((4 * there / limit.Capacity) - 1, 0, 1);
        return Math.Min(Math.Max(account.MostAtOnce, least) * plenty, there / 8);
    }

    /// <summary>
    /// Whether what is held is of more use to others: nobody asked for it for a while, and the ledger had next to nothing left. Without this, many
    /// members that use a key now and then would keep all of its permits from one that uses it all the time.
    /// </summary>
    private static bool IsWantedElsewhere(LeaseAccount account, LeaseLimit limit, ShardLink link, in QuotaInstant now) =>
        now.Units - account.UsedAt > Math.Max(UnusedTime, link.Interval) && account.KnownRemaining is { } remaining && remaining < limit.Capacity / 8;

    /// <summary>
    /// Reads the key's lease and begins an account where there is none for it; false if the last one has ended and none has begun since.
    /// </summary>
    private bool TryReadLease(LeaseAccount account, LeaseLimit limit, in QuotaInstant now, out int slot, out KeyState state)
    {
        while (true)
        {
            slot = Engine.Table.Find(account.Hash, out state);
            if (slot < 0 || state.Word <= now.Units)
            {
                slot = -1;
                state = default;

                // What is only owed, and no lease, goes on.
                if (account.Number == 0 || account.Granted > 0 || account.Allowed > account.Spent)
                {
                    account.Begin(++_lastNumber, allowed: 0);
                }

                return false;
            }

            if (LeaseWord.IsRegistered(state.Word))
            {
                if (account.Number == 0)
                {
                    // The key outlasted the account before.
                    account.Begin(++_lastNumber, LeaseWord.Permits(state.Word));
                }

                return true;
            }

            long registered = LeaseWord.Register(state.Word);
            if (Engine.Table.TrySet(slot, state, registered, SlotKind.Lease))
            {
                long left = LeaseWord.Permits(state.Word);
                state = state with { Word = registered };
                account.Begin(++_lastNumber, Math.Max(limit.Allowance, left));
                return true;
            }
        }
    }

    /// <summary>Counts what was spent; returns how much that is since the last time.</summary>
    private static long Spend(LeaseAccount account, long left)
    {
        // Permits that were refunded are there again and count when they are spent again.
        long spent = account.Granted + account.Allowed - account.Returned - left;
        long since = Math.Max(spent - account.Spent, 0);
        account.Spent += since;
        return since;
    }

    private static void Measure(LeaseAccount account, long used, in QuotaInstant now)
    {
        double seconds = Math.Max(now.Units - account.VisitedAt, 1) / (1000.0 * QuotaClock.UnitsPerMillisecond);
        double rate = used / seconds;
        double smoothing = rate > account.Rate ? RisingSmoothingSeconds : SmoothingSeconds;
        account.Rate += (rate - account.Rate) * (seconds / (seconds + smoothing));
        account.AtOnce = (account.AtOnce * Math.Exp(-seconds / BurstSeconds)) + used;
        account.MostAtOnce = Math.Max(account.MostAtOnce * Math.Exp(-seconds / BurstMemorySeconds), account.AtOnce);
        account.VisitedAt = now.Units;
        if (used > 0 || account.UsedAt == 0)
        {
            account.UsedAt = now.Units;
        }
    }

    /// <summary>Gives back what is held beyond <paramref name="most"/>, down to <paramref name="target"/>; returns what is left.</summary>
    private long HandBack(LeaseAccount account, int slot, in KeyState state, long most, long target)
    {
        long left = LeaseWord.Permits(state.Word);
        if (slot < 0 || left <= most)
        {
            return left;
        }

        long surplus = left - target;
        if (!Engine.Table.TrySet(slot, state, state.Word - surplus, SlotKind.Lease))
        {
            // It is being used at this moment; another time.
            return left;
        }

        account.Returned += surplus;
        return target;
    }

    private static bool IsToBeReported(
        LeaseAccount account, in KeyState state, long wanted, double target, long missed, ShardLink link, in QuotaInstant now)
    {
        long since = now.Units - account.ReportedAt;
        if (account.ReportedAt != 0 && since < link.Interval)
        {
            return false;
        }

        return account.ReportedAt == 0
            || missed > 0
            || wanted * 2 >= target
            || account.Returned != account.ReturnedReported
            || (account.Spent != account.SpentReported && since >= SpentUnreportedFor)
            || (account.Owed > 0 && since >= SpentUnreportedFor)
            || (since >= SpentUnreportedFor && state.Word - now.Units < RenewBefore);
    }

    /// <summary>Hands back what is left of a lease, tells so, and forgets the key.</summary>
    private void End(LeaseAccount account, in QuotaInstant now, Reports reports)
    {
        int slot;
        KeyState state;
        while ((slot = Engine.Table.Find(account.Hash, out state)) >= 0
            && LeaseWord.IsRegistered(state.Word)
            && LeaseWord.Permits(state.Word) > 0
            && !Engine.Table.TrySet(slot, state, LeaseWord.Pack(now.Units, 0, isRegistered: false), SlotKind.Lease))
        {
        }

        _accounts.TryRemove((long)account.Hash.Low, out _);
        account.DueAt = 0;
        bool isHeld = slot >= 0 && LeaseWord.IsRegistered(state.Word) && state.Word > now.Units;
        account.Allowed += account.TakeOverdrawn();
        if (isHeld)
        {
            long left = LeaseWord.Permits(state.Word);
            Spend(account, left);
            account.Returned += left;
        }

        if (account.ReportedAt != 0 && (isHeld || account.Spent != account.SpentReported) && account.Rule.LimitAt(account.Limit) is LeaseLimit limit)
        {
            reports.Add(limit.Terms, Describe(account, limit, 0));
        }
    }

    private static ReportedKey Describe(LeaseAccount account, LeaseLimit limit, long wanted) => new(
        account.Hash.With(limit.LedgerKind), account.Number, account.Granted, account.Allowed, account.Spent, account.Returned, wanted);

    private void Schedule(LeaseAccount account, long dueAt)
    {
        account.DueAt = dueAt;
        _due.Enqueue(account, dueAt);
    }
}
