using System.Runtime.CompilerServices;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>Who uses a rule most.</summary>
/// <remarks>
/// One thread at a time is at work. A decision never waits for its turn: if another thread is at it, what the decision stands for is laid aside,
/// and later ones take it up bit by bit. So nothing is missing in the sum, and what a key got that way counts as its possible error.
/// </remarks>
internal sealed class HeavyHitters
{
    /// <summary>The time in which hits fade to 1/e.</summary>
    internal static readonly TimeSpan FadingTime = TimeSpan.FromMinutes(10);

    private const long FadingStep = 10_000 * QuotaClock.UnitsPerMillisecond;

    private readonly string _rule;
    private readonly int _parts;
    private readonly SpaceSaving _keys;
    private ulong _identity;
    private long _fadedAt;
    private long _laidAside;
    private int _isBusy;

    /// <param name="rule">The name of the rule.</param>
    /// <param name="parts">How many parts its keys have.</param>
    /// <param name="topKeys">How many keys are told.</param>
    /// <param name="now">The moment, in <see cref="QuotaInstant.Units"/>.</param>
    public HeavyHitters(string rule, int parts, int topKeys, long now)
    {
        _rule = rule;
        _parts = parts;
        _keys = new SpaceSaving(CountersFor(topKeys));
        _fadedAt = now;
    }

    /// <summary>
    /// The counters kept for as many keys to be told: with more of them the error is smaller, and those that are told stand out from the rest.
    /// </summary>
    public static int CountersFor(int topKeys) => (2 * topKeys) + 200;

    /// <summary>Counts a sample; false if that needs the text of its key, which has no counter yet.</summary>
    /// <param name="key">The key.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="isLimited">Whether the key was over the limit.</param>
    /// <param name="identity">Which hashes the rule's keys have.</param>
    public bool TryAdd(in KeyHash key, in UsageSample sample, bool isLimited, ulong identity)
    {
        if (!TryEnter(sample.Weight))
        {
            return true;
        }

        try
        {
            // Decisions by rules that are not in force any more may have other hashes; they are too few to matter.
            return identity != _identity || TryAdd(key, sample, isLimited);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Counts a sample of a key that may have no counter yet.</summary>
    /// <param name="key">The key.</param>
    /// <param name="text">The key's text, as <see cref="KeyText"/>.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="isLimited">Whether the key was over the limit.</param>
    /// <param name="identity">Which hashes the rule's keys have.</param>
    [SkipLocalsInit]
    public void Add(in KeyHash key, ReadOnlySpan<char> text, in UsageSample sample, bool isLimited, ulong identity)
    {
        Span<char> room = stackalloc char[KeyText.MaxCutLength];
        bool isCut = KeyText.IsTooLong(text, _parts);
        scoped ReadOnlySpan<char> kept = isCut ? room[..KeyText.Cut(text, _parts, room)] : text;

        if (!TryEnter(sample.Weight))
        {
            return;
        }

        try
        {
            if (identity == _identity && !TryAdd(key, sample, isLimited))
            {
                long extra = TakeUp(sample.Weight);
                long hits = sample.Weight + extra;
                _keys.Add(key, kept, isCut, hits, isLimited ? hits : 0, extra);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The hashes of the keys that use the rule most, the heaviest first.</summary>
    /// <param name="room">Takes them.</param>
    /// <param name="identity">Which hashes they are to be.</param>
    /// <returns>How many there are; none if those that are known are others.</returns>
    public int ReadHeaviest(Span<KeyHash> room, ulong identity)
    {
        Enter();
        try
        {
            if (identity != _identity)
            {
                return 0;
            }

            int[] places = ByHits(out _);
            int count = Math.Min(room.Length, places.Length);
            for (int i = 0; i < count; i++)
            {
                room[i] = _keys.Keys[places[^(i + 1)]].Hash;
            }

            return count;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The keys that use the rule most, the heaviest first.</summary>
    /// <param name="most">How many at most.</param>
    /// <param name="now">The moment, in <see cref="QuotaInstant.Units"/>.</param>
    public IReadOnlyList<TopKey> Read(int most, long now)
    {
        Enter();
        try
        {
            Fade(now);
            int[] places = ByHits(out double[] hits);
            int told = Math.Min(most, hits.Length);
            List<TopKey> keys = new(told);
            for (int i = hits.Length - 1; i >= hits.Length - told && Math.Round(hits[i]) > 0; i--)
            {
                ref readonly FollowedKey key = ref _keys.Keys[places[i]];
                keys.Add(new TopKey(
                    _rule,
                    KeyText.Split(key.Text, _parts),
                    (long)Math.Round(hits[i]),
                    (long)Math.Round(key.Limited),
                    (long)Math.Ceiling(key.Error)));
            }

            return keys;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Takes hashes of another kind from now on; the keys stay.</summary>
    public void HashBy(KeyHasher hasher, ulong identity)
    {
        Enter();
        try
        {
            if (identity != _identity)
            {
                _identity = identity;
                _keys.Rehash(hasher);
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>The places of all keys, the heaviest last.</summary>
    private int[] ByHits(out double[] hits)
    {
        hits = _keys.Hits.ToArray();
        int[] places = [.. Enumerable.Range(0, hits.Length)];
        Array.Sort(hits, places);
        return places;
    }

    private bool TryAdd(in KeyHash key, in UsageSample sample, bool isLimited)
    {
        if (sample.At - _fadedAt >= FadingStep)
        {
            Fade(sample.At);
        }

        if (!_keys.TryAdd(key, sample.Weight, isLimited ? sample.Weight : 0, error: 0))
        {
            return false;
        }

        if (Volatile.Read(ref _laidAside) > 0)
        {
            long extra = TakeUp(sample.Weight);
            _keys.TryAdd(key, extra, isLimited ? extra : 0, extra);
        }

        return true;
    }

    /// <summary>What was laid aside, but no more than the one who takes it up brings: so many of them share in it.</summary>
    private long TakeUp(long most)
    {
        long extra = Math.Min(Volatile.Read(ref _laidAside), most);
        if (extra > 0)
        {
            Interlocked.Add(ref _laidAside, -extra);
        }

        return extra;
    }

    private void Fade(long now)
    {
        if (now > _fadedAt)
        {
            _keys.Fade(Math.Exp(-(now - _fadedAt) / (double)QuotaClock.Units(FadingTime)));
            _fadedAt = now;
        }
    }

    private bool TryEnter(int weight)
    {
        if (Interlocked.CompareExchange(ref _isBusy, 1, 0) == 0)
        {
            return true;
        }

        Interlocked.Add(ref _laidAside, weight);
        return false;
    }

    private void Enter()
    {
        SpinWait spin = default;
        while (Interlocked.CompareExchange(ref _isBusy, 1, 0) != 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    private void Leave() => Volatile.Write(ref _isBusy, 0);
}
