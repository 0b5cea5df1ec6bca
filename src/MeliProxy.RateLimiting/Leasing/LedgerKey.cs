using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>A ledger's account of one key.</summary>
/// <remarks>
/// The state is that of a local key from which everything known to be spent was taken. What is granted on top is what remains of it less what
/// is outstanding, so all members together never have more than one process alone would have.
/// </remarks>
internal sealed class LedgerKey(in KeyHash hash, in KeyState state)
{
    public KeyHash Hash { get; } = hash;

    public KeyState State { get; private set; } = state;

    /// <summary>The limit that was reported last; <see langword="null"/> for a key that was saved and not reported since.</summary>
    public Limit? Limit { get; set; }

    public Dictionary<ulong, LeaseRecord> Records { get; } = [];

    /// <summary>The sum of what the records have outstanding.</summary>
    public long Outstanding { get; private set; }

    /// <summary>The sum of what the records want.</summary>
    public long Wanted { get; private set; }

    /// <summary>Whether the key's account has to survive its owner.</summary>
    public bool IsDurable { get; set; }

    /// <summary>Durable keys only: the state up to which permits may be granted, since it is saved. A new owner begins with it.</summary>
    public long Ceiling { get; set; } = state.Word;

    /// <summary>Durable keys only: the state that is to be saved next.</summary>
    public long Planned { get; set; } = state.Word;

    /// <summary>Durable keys only: the state that is being saved.</summary>
    public long Saving { get; set; }

    /// <summary>Brings the state up to now. A fixed window that has ended takes its leases with it: nobody spends them any more.</summary>
    public void Advance(Limit limit, in QuotaInstant now)
    {
        long word = limit.Charge(State, 0, now);
        if (word == State.Word)
        {
            return;
        }

        bool hasEnded = limit is FixedWindowLimit;
        State = QuotaTable.After(State, word, limit.Kind);
        if (hasEnded)
        {
            Records.Clear();
            Outstanding = 0;
            Wanted = 0;
        }
    }

    /// <summary>When permits were granted last.</summary>
    public long GrantedAt { get; set; }

    /// <summary>Gives up what may be granted beyond what is outstanding; whether there was anything.</summary>
    public bool TryLowerPlan(Limit limit, in QuotaInstant now)
    {
        long used = limit.Charge(State, Outstanding, now);
        if (Ceiling <= used)
        {
            return false;
        }

        Ceiling = used;
        Planned = used;
        return true;
    }

    /// <summary>Takes over a saved state if more was used by it.</summary>
    public void Raise(in KeyState saved)
    {
        if (saved.Word > State.Word)
        {
            State = saved;
        }
    }

    public void Charge(Limit limit, long permits, in QuotaInstant now)
    {
        if (permits > 0)
        {
            State = QuotaTable.After(State, limit.Charge(State, permits, now), limit.Kind);
        }
    }

    public void Set(LeaseRecord record, long granted, long allowed, long spent, long returned, long wanted)
    {
        Outstanding -= record.Outstanding;
        Wanted += wanted - record.Wanted;
        record.Granted = granted;
        record.Allowed = allowed;
        record.Spent = spent;
        record.Returned = Math.Min(returned, Math.Max(granted + allowed - spent, 0));
        record.Wanted = wanted;
        Outstanding += record.Outstanding;
    }

    /// <summary>Ends a lease; what was not told of it counts as spent.</summary>
    public void Close(ulong node, LeaseRecord record, Limit limit, in QuotaInstant now)
    {
        long outstanding = record.Outstanding;
        Outstanding -= outstanding;
        Wanted -= record.Wanted;
        Records.Remove(node);
        Charge(limit, outstanding, now);
    }
}
