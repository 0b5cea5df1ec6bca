using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Limiting;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>A shared limit as a decision sees it: permits that were leased, spent like those of any other limit.</summary>
/// <remarks>See <see cref="LeaseWord"/>. <see cref="KeyState.Previous"/> is half the key's hash, by which the holder's account is found.</remarks>
internal sealed class LeaseLimit : Limit
{
    /// <summary>A fresh key's allowance lasts this long if nothing comes in its place.</summary>
    public static readonly TimeSpan AllowanceLife = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan UnknownWait = TimeSpan.FromMilliseconds(50);
    private static readonly long AllowanceUnits = QuotaClock.Units(AllowanceLife);

    private readonly LeaseHolder _holder;
    private readonly bool _isOptimistic;
    private readonly double _permitsPerLife;

    /// <param name="rule">A shared rule with a limit above 0.</param>
    /// <param name="holder">Where its leases come from.</param>
    public LeaseLimit(RateLimitRule rule, LeaseHolder holder)
        : base(SlotKind.Lease, rule.Capacity)
    {
        _holder = holder;
        _isOptimistic = rule.ColdStart == ColdStartBehavior.Optimistic;
        _permitsPerLife = rule.Limit * AllowanceLife.TotalSeconds / rule.NominalWindow.TotalSeconds;
        Terms = new LeaseTerms(rule);
        Cost = Math.Max(rule.Cost, 1);
        LedgerKind = KindOf(rule);
    }

    /// <summary>How the ledger, and this process while it is cut off, keeps the key's state.</summary>
    public SlotKind LedgerKind { get; }

    /// <summary>What the ledger is told of the limit.</summary>
    public LeaseTerms Terms { get; }

    /// <summary>What one resource takes.</summary>
    public long Cost { get; }

    /// <summary>
    /// What a key may use before its first lease: a tenth of what it can hold, divided among all members; one resource while it is not known
    /// how many they are, since all may be starting at once.
    /// </summary>
    public long Allowance => _isOptimistic
        ? Math.Min(Math.Max(_holder.AreMembersKnown ? Capacity / (10L * _holder.Members) : 0, Cost), LeaseWord.MaxPermits)
        : 0;

    /// <summary>
    /// How much of the allowance may go unreported, so that keys seen once or twice cause no message: of all members together no more than
    /// a hundredth of what the limit gives out in the same time.
    /// </summary>
    private long Reserve => (long)(_permitsPerLife / (100L * _holder.Members));

    public override KeyState Fresh(in KeyHash hash, in QuotaInstant now) =>
        new(LeaseWord.Pack(now.Units + AllowanceUnits, Allowance, isRegistered: false), (long)hash.Low);

    public override KeyState Exhausted(in KeyHash hash, in QuotaInstant now) =>
        new(LeaseWord.Pack(now.Units + AllowanceUnits, 0, isRegistered: false), (long)hash.Low);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override bool TryTake(in KeyState state, long cost, in QuotaInstant now, out long word)
    {
        word = Current(state, now) - cost;
        return cost <= LeaseWord.Permits(word + cost);
    }

    /// <summary>Takes what there is; the rest is the holder's to report.</summary>
    public override long Charge(in KeyState state, long cost, in QuotaInstant now)
    {
        long current = Current(state, now);
        return current - Math.Min(cost, LeaseWord.Permits(current));
    }

    public override long Refund(in KeyState state, long taken, long cost, in QuotaInstant now) => state.Word <= now.Units
        ? state.Word
        : state.Word + Math.Min(cost, LeaseWord.MaxPermits - LeaseWord.Permits(state.Word));

    public override QuotaStanding Standing(in KeyState state, long cost, in QuotaInstant now)
    {
        long held = LeaseWord.Permits(Current(state, now));
        return _holder.TryFind(state.Previous, out LeaseAccount? account)
            ? account.Standing(held, cost, Capacity, now)
            : new QuotaStanding(Math.Max(Capacity - Math.Max(Allowance - held, 0), 0), TimeSpan.Zero, cost <= held ? TimeSpan.Zero : UnknownWait);
    }

    public override double Used(in KeyState state, in QuotaInstant now) =>
        1 - ((double)Standing(state, 1, now).Remaining / Capacity);

    /// <summary>Whether the holder has to hear of the key's use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsToBeReported(long word) =>
        !LeaseWord.IsRegistered(word) && Allowance - LeaseWord.Permits(word) > Reserve;

    /// <summary>Whether the ledger has not yet said what the key has, so that it may be worth waiting for.</summary>
    public bool IsCold(in PendingTake take) =>
        !_holder.TryFind((long)take.Hash.Low, out LeaseAccount? account) || account.AwaitsFirstLease(take.Cost);

    /// <summary>After a charge: what the lease did not have, and a key that is new, are the holder's to report.</summary>
    public void Charged(BoundRule rule, in PendingTake take, in KeyState before, long word, long permits, in QuotaInstant now)
    {
        long overdrawn = permits - (LeaseWord.Permits(Current(before, now)) - LeaseWord.Permits(word));
        if (overdrawn > 0)
        {
            _holder.Overdraw(rule, take, overdrawn);
        }
        else if (IsToBeReported(word))
        {
            _holder.Touch(rule, take);
        }
    }

    /// <summary>The word as of now: once a lease has ended, the key is as good as never seen.</summary>
    private long Current(in KeyState state, in QuotaInstant now) => state.Word > now.Units
        ? state.Word
        : LeaseWord.Pack(now.Units + AllowanceUnits, Allowance, isRegistered: false);
}
