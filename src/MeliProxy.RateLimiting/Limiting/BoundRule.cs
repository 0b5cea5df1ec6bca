using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>A rule with its numbers worked out, as far as they do not depend on the kind of resource.</summary>
internal abstract class BoundRule
{
    /// <summary>Position in <see cref="Limits"/> of the rule's own limit.</summary>
    public const int OwnLimit = 0;

    /// <summary>Position in <see cref="Limits"/> of the limit of what is denied.</summary>
    public const int DeniedLimit = 1;

    /// <summary>Position in <see cref="Limits"/> of the limit of what could not be judged.</summary>
    public const int FailedLimit = 2;

    /// <summary>Position in <see cref="Limits"/> of the first override's limit.</summary>
    public const int FirstOverride = 3;

    /// <summary>Those who wait for the first lease of a key; of all keys together it is the limiter that bounds their number.</summary>
    private static readonly RuleQueue ForFirstLease = new() { Limit = RuleQueue.MaxLimit, MaxWait = TimeSpan.FromMilliseconds(250) };

    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(1);

    private readonly ulong _enforcedBelow;

    private protected BoundRule(
        RateLimitRule rule, RuleMode mode, IReadOnlyList<RuleOverride> overrides, KeyHasher secret, int row, LeaseHolder? leases)
    {
        Rule = rule;
        Row = row;
        Leases = leases;
        Kind = leases is null ? Limit.KindOf(rule) : SlotKind.Lease;
        Hasher = HasherFor(rule, secret);
        Identity = Hasher.Hash("identity").High;
        OverflowKey = secret.Hash($"overflow\n{rule.Name}\n{rule.Algorithm}").With(Kind);
        Queue = rule.Queue ?? (leases is not null && rule.ColdStart == ColdStartBehavior.Wait ? ForFirstLease : null);
        IsSettledLater = rule.Charge is not null || rule.Algorithm == RateLimitAlgorithm.Concurrency;
        _enforcedBelow = rule.Mode == RuleMode.Shadow || mode == RuleMode.Shadow
            ? 0
            : (ulong)rule.EnforcePercent * (1UL << 32) / 100;
        Violated = new ViolatedNames(rule);
        Cost = Math.Max(rule.Cost, 1);
        Takes = rule.Cost > 0;
        BoundLimit own = BoundLimit.For(rule, leases);
        Own = own.Limit;
        BoundLimit[] limits =
        [
            own,
            new BoundLimit(rule with { Limit = 0, Burst = null }, new BlockedLimit(Kind, rule.NominalWindow, endsAtUnixMilliseconds: null)),
            new BoundLimit(rule with { Limit = 0, Burst = null }, new BlockedLimit(Kind, RetryAfterFailure, endsAtUnixMilliseconds: null)),
            .. overrides.Select(o => BoundLimit.For(o, rule, leases)),
        ];

        // Each once more, for what takes its place while a shared rule is cut off.
        Limits = leases is null ? limits : [.. limits, .. limits];
    }

    public RateLimitRule Rule { get; }

    /// <summary>Where the leases of a shared rule come from; <see langword="null"/> if the rule counts by itself.</summary>
    public LeaseHolder? Leases { get; }

    /// <summary>The same for rules whose keys have the same hashes.</summary>
    public ulong Identity { get; }

    /// <summary>The rule's own limit.</summary>
    public Limit Own { get; }

    /// <summary>The rule's name alone, for rejections by this rule only.</summary>
    public ViolatedNames Violated { get; }

    /// <summary>What one resource asks for, at least 1.</summary>
    public long Cost { get; }

    /// <summary>Whether a resource takes what it asks for; otherwise only what is charged later counts.</summary>
    public bool Takes { get; }

    /// <summary>The rule's row in <see cref="OutcomeCounts"/>.</summary>
    public int Row { get; }

    /// <summary>Where resources wait that the rule rejects; <see langword="null"/> if none do.</summary>
    public RuleQueue? Queue { get; }

    /// <summary>Whether <see cref="Queue"/> is only for those who come before the key's first lease does.</summary>
    public bool WaitsForFirstLeaseOnly => ReferenceEquals(Queue, ForFirstLease);

    public SlotKind Kind { get; }

    /// <summary>Who uses the rule most; <see langword="null"/> if nobody asks.</summary>
    public HeavyHitters? Usage { get; private set; }

    /// <summary>The key that all keys share which find no room in the table.</summary>
    public KeyHash OverflowKey { get; }

    /// <summary>Whether something is left to do after a resource was served: a charge, or permits to release.</summary>
    public bool IsSettledLater { get; }

    public BoundLimit[] Limits { get; }

    /// <summary>Hashes keys of this rule; keyed so that rules do not share hashes.</summary>
    private protected KeyHasher Hasher { get; }

    /// <summary>Lets the rule go on with the figures of the one that it takes the place of. Before its first decision.</summary>
    public void Follow(HeavyHitters usage)
    {
        usage.HashBy(Hasher, Identity);
        Usage = usage;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Limit LimitAt(int index) => index == OwnLimit ? Own : Limits[index].Limit;

    /// <summary>The position in <see cref="Limits"/> of the limit that a key has.</summary>
    public abstract int LimitFor(in KeyHash hash);

    /// <summary>What takes a limit's place while the rule is cut off.</summary>
    public BoundLimit Fallback(int limit) => Limits[limit + (Limits.Length / 2)];

    /// <summary>Works out what takes the place of each limit when the rule is cut off from that many members.</summary>
    public void PrepareFallbacks(int members)
    {
        int count = Leases is null ? 0 : Limits.Length / 2;
        for (int i = 0; i < count; i++)
        {
            Limits[count + i] = Limits[i].ToFallback(members);
        }
    }

    /// <summary>Puts a key that is cut off, and has no lease left to spend, under what takes the place of its limit.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void FallBack(QuotaTable table, ref PendingTake take, in QuotaInstant now)
    {
        int count = Limits.Length / 2;
        if (take.Limit >= count || DecisionEngine.LimitOf(this, ref take.Limit, now).Limit is not LeaseLimit lease || !Leases!.IsCutOff(take.Hash))
        {
            return;
        }

        bool hasLease = table.Find(take.Hash, out KeyState state) >= 0
            && state.Word > now.Units
            && LeaseWord.IsRegistered(state.Word)
            && LeaseWord.Permits(state.Word) >= take.Cost;
        if (!hasLease)
        {
            take.Limit += count;
            take.Hash = take.Hash.With(lease.LedgerKind);
        }
    }

    /// <summary>Whether the rule may reject this key. The share of keys is that of hashes below a threshold.</summary>
    public bool Enforces(in KeyHash hash) => (uint)hash.High < _enforcedBelow;

    /// <summary>Counts belong to what is hashed in here; what is left out may change and keeps them.</summary>
    private static KeyHasher HasherFor(RateLimitRule rule, KeyHasher secret)
    {
        string window = rule.Algorithm is RateLimitAlgorithm.FixedWindow or RateLimitAlgorithm.SlidingWindow
            ? $"{rule.Window.Ticks} {rule.Calendar} {rule.TimeZone}"
            : "";
        KeyHash derived = secret.Hash(string.Join('\n', [rule.Name, rule.Algorithm.ToString(), window, .. rule.Key]));
        return new KeyHasher(derived.Low, derived.High);
    }
}
