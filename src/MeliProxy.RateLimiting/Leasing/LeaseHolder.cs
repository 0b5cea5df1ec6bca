using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>The leases that one process holds: what decisions tell it, and what it makes of that in the background.</summary>
/// <remarks>
/// <code>
/// decision ──takes permits──▶ table slot ◀──adds permits── answer
///    │                            │
///    └─signal (key new, or        └──reads what is left──▶ visit ──▶ report
///      permits missing)──────────────────────────────────────▲
/// </code>
/// Decisions touch only the slot, the signals and two counters of the account. All else is for one thread at a time.
/// </remarks>
internal sealed partial class LeaseHolder
{
    private const int MaxSignals = 16_384;
    private const int MaxAccounts = 65_536;

    private readonly ConcurrentDictionary<long, LeaseAccount> _accounts = new();
    private readonly ConcurrentQueue<LeaseSignal> _signals = new();
    private readonly PriorityQueue<LeaseAccount, long> _due = new();
    private DecisionEngine? _engine;
    private int _signalCount;
    private ulong _lastNumber;
    private volatile bool _isAnyCutOff;
    private volatile int _members;

    public LeaseHolder()
    {
        for (int i = 0; i < Links.Length; i++)
        {
            Links[i] = new ShardLink(i) { Interval = QuotaClock.Units(TimeSpan.FromMilliseconds(25)) };
        }
    }

    public ShardLink[] Links { get; } = new ShardLink[QuotaSharing.ShardCount];

    /// <summary>The secret that all members hash keys with; <see langword="null"/> until it is known.</summary>
    public KeyHasher? Secret { get; set; }

    /// <summary>Members of the domain as last known, at least 1.</summary>
    public int Members
    {
        get => Math.Max(_members, 1);
        set => _members = value;
    }

    /// <summary>Whether anyone has told how many members there are.</summary>
    public bool AreMembersKnown => _members > 0;

    public int Count => _accounts.Count;

    public bool IsAnyCutOff => _isAnyCutOff;

    private DecisionEngine Engine => _engine ?? throw new InvalidOperationException("No limiter uses this sharing.");

    public void Bind(DecisionEngine engine) => _engine = _engine is null
        ? engine
        : throw new InvalidOperationException("A sharing belongs to one limiter; make another one for another.");

    public bool IsCutOff(in KeyHash hash) => Links[QuotaSharing.ShardOf(hash)].IsCutOff;

    /// <summary>Finds an account by the lower half of its key's hash.</summary>
    public bool TryFind(long low, [NotNullWhen(true)] out LeaseAccount? account) => _accounts.TryGetValue(low, out account);

    /// <summary>From a decision: a key is used that has no account.</summary>
    public void Touch(BoundRule rule, in PendingTake take) => Signal(new LeaseSignal(take.Hash, rule, take.Limit, 0, 0));

    /// <summary>From a decision: permits were missing.</summary>
    public void Miss(BoundRule rule, in PendingTake take)
    {
        if (rule.LimitAt(take.Limit) is not LeaseLimit)
        {
            return;
        }

        if (!TryFind((long)take.Hash.Low, out LeaseAccount? account))
        {
            Signal(new LeaseSignal(take.Hash, rule, take.Limit, take.Cost, 0));
        }
        else if (account.Miss(take.Cost))
        {
            Signal(new LeaseSignal(take.Hash, rule, take.Limit, 0, 0));
        }
    }

    /// <summary>After a decision: permits were charged that were not there.</summary>
    public void Overdraw(BoundRule rule, in PendingTake take, long permits)
    {
        if (!TryFind((long)take.Hash.Low, out LeaseAccount? account))
        {
            Signal(new LeaseSignal(take.Hash, rule, take.Limit, 0, permits));
        }
        else if (account.Overdraw(permits))
        {
            Signal(new LeaseSignal(take.Hash, rule, take.Limit, 0, 0));
        }
    }

    /// <summary>Permits that may be spent without asking.</summary>
    public long CountHeld(in QuotaInstant now)
    {
        long held = 0;
        foreach (LeaseAccount account in _accounts.Values)
        {
            if (Engine.Table.Find(account.Hash, out KeyState state) >= 0 && state.Word > now.Units)
            {
                held += LeaseWord.Permits(state.Word);
            }
        }

        return held;
    }

    /// <summary>Puts accounts under other rules; those that have none any more end.</summary>
    public void Follow(IReadOnlyList<BoundRule> rules)
    {
        _rules = rules;
        Dictionary<ulong, BoundRule> byKeys = [];
        foreach (BoundRule rule in rules.Where(r => r.Leases is not null))
        {
            rule.PrepareFallbacks(Members);
            byKeys[rule.Identity] = rule;
        }

        foreach ((long low, LeaseAccount account) in _accounts)
        {
            if (byKeys.TryGetValue(account.Rule.Identity, out BoundRule? rule))
            {
                account.Follow(rule, rule.LimitFor(account.Hash));
            }
            else
            {
                _accounts.TryRemove(low, out _);
            }
        }
    }

    private void Signal(in LeaseSignal signal)
    {
        // What is not told now is told by the key's next use.
        if (Volatile.Read(ref _signalCount) < MaxSignals)
        {
            Interlocked.Increment(ref _signalCount);
            _signals.Enqueue(signal);
        }
    }
}
