using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>
/// The keys that occur most in a stream, in a fixed number of counters (Metwally, Agrawal and El Abbadi, "Efficient Computation of Frequent
/// and Top-k Elements in Data Streams", 2005). For one thread at a time.
/// </summary>
/// <remarks>
/// A key without a counter takes the one that has the least and goes on counting from there, so what the counter had is by how much its hits
/// can be too high. The counters' sum is that of all hits N, so the least of m counters has at most N/m: no error is larger, and a key of more
/// hits has a counter, whatever other keys come. To let all counters fade alike changes nothing in this, with N fading too.
/// </remarks>
internal sealed class SpaceSaving(int capacity)
{
    private const int FirstRoom = 16;

    private readonly Dictionary<KeyHash, int> _places = [];
    private double[] _hits = new double[Math.Min(FirstRoom, capacity)];
    private FollowedKey[] _keys = new FollowedKey[Math.Min(FirstRoom, capacity)];
    private int _count;
    private int _hand;
    private double _least;

    /// <summary>How many keys have a counter.</summary>
    public int Count => _count;

    /// <summary>Hits by counter.</summary>
    public ReadOnlySpan<double> Hits => _hits.AsSpan(0, _count);

    /// <summary>Keys by counter.</summary>
    public ReadOnlySpan<FollowedKey> Keys => _keys.AsSpan(0, _count);

    /// <summary>Adds to a key that has a counter; false if it has none.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hits">What to add.</param>
    /// <param name="limited">How much of it was over the limit.</param>
    /// <param name="error">How much of it may belong to other keys.</param>
    public bool TryAdd(in KeyHash key, double hits, double limited, double error)
    {
        if (!_places.TryGetValue(key, out int place))
        {
            return false;
        }

        _hits[place] += hits;
        _keys[place].Limited += limited;
        _keys[place].Error += error;
        return true;
    }

    /// <summary>Adds to a key that has no counter.</summary>
    /// <param name="key">The key.</param>
    /// <param name="text">Its text.</param>
    /// <param name="isCut">Whether the text is not all of it.</param>
    /// <param name="hits">What to add.</param>
    /// <param name="limited">How much of it was over the limit.</param>
    /// <param name="error">How much of it may belong to other keys.</param>
    public void Add(in KeyHash key, ReadOnlySpan<char> text, bool isCut, double hits, double limited, double error)
    {
        int place = _count < capacity ? NewCounter() : TakeLeast();
        ref FollowedKey followed = ref _keys[place];
        followed.Hash = key;
        followed.Limited = limited;
        followed.Error = _hits[place] + error;
        followed.IsCut = isCut;
        followed.SetText(text);
        _hits[place] += hits;
        _places.Add(key, place);
    }

    /// <summary>Multiplies all counters by a factor of 0 to 1.</summary>
    public void Fade(double factor)
    {
        for (int i = 0; i < _count; i++)
        {
            _hits[i] *= factor;
            _keys[i].Limited *= factor;
            _keys[i].Error *= factor;
        }

        // Multiplied like what it is compared with, it stays below it.
        _least *= factor;
    }

    /// <summary>Finds keys by other hashes from now on. Those without their whole text, which nobody can hash, are given up.</summary>
    public void Rehash(KeyHasher hasher)
    {
        _places.Clear();
        int count = _count;
        _count = 0;
        for (int i = 0; i < count; i++)
        {
            if (!_keys[i].IsCut)
            {
                // Swapped, as counters that are not in use keep the room for text.
                (_keys[_count], _keys[i]) = (_keys[i], _keys[_count]);
                (_hits[_count], _hits[i]) = (_hits[i], _hits[_count]);
                _keys[_count].Hash = hasher.Hash(_keys[_count].Text).With(default);
                _places.Add(_keys[_count].Hash, _count);
                _count++;
            }
        }

        _hand = 0;
        _least = 0;
    }

    private int NewCounter()
    {
        if (_count == _hits.Length)
        {
            int room = Math.Min(_count * 2, capacity);
            Array.Resize(ref _hits, room);
            Array.Resize(ref _keys, room);
        }

        _hits[_count] = 0;
        return _count++;
    }

    private int TakeLeast()
    {
        // The least never falls, so a counter that has what was the least before is the one. A flood of new keys leaves many of them, one behind
        // the other, and only when they are used up all counters are looked at.
        int least = _hand;
        for (int i = 0, place = _hand; i < _count && _hits[least] > _least; i++, place = place + 1 < _count ? place + 1 : 0)
        {
            if (_hits[place] < _hits[least])
            {
                least = place;
            }
        }

        _least = _hits[least];
        _hand = least + 1 < _count ? least + 1 : 0;
        _places.Remove(_keys[least].Hash);
        return least;
    }
}
