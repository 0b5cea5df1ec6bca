using CsCheck;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Usage;

namespace MeliProxy.RateLimiting.Tests.Usage;

/// <summary>What the paper promises, whatever keys come.</summary>
public class SpaceSavingTests
{
    [Fact]
    public void Any_stream_keeps_the_bounds() => Gen.Select(Gen.Int[1, 30], Gen.Select(Gen.Int[0, 60], Gen.Int[1, 20]).Array[0, 400])
        .Sample((capacity, stream) =>
        {
            Model model = new(capacity);
            for (int i = 0; i < stream.Length; i++)
            {
                if (i % 50 == 49)
                {
                    model.Fade(0.75);
                }

                model.Add(stream[i].Item1, stream[i].Item2);
            }

            model.Check();
        });

    [Theory]
    [InlineData(0.8)]
    [InlineData(1.0)]
    [InlineData(1.5)]
    public void Keys_by_the_law_of_Zipf_keep_the_bounds(double exponent)
    {
        double[] cumulative = new double[50_000];
        double sum = 0;
        for (int i = 0; i < cumulative.Length; i++)
        {
            cumulative[i] = sum += Math.Pow(i + 1, -exponent);
        }

        Model model = new(400);
        Random random = new(1);
        for (int i = 0; i < 500_000; i++)
        {
            int key = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            model.Add(key < 0 ? ~key : key, 1);
        }

        model.Check();
    }

    [Fact]
    public void A_flood_of_new_keys_keeps_the_bounds_and_hides_no_heavy_key()
    {
        Model model = new(400);
        for (int i = 0; i < 1_000_000; i++)
        {
            model.Add(i + 1, 1);
            if (i % 300 == 0)
            {
                model.Add(0, 1);
            }
        }

        model.Check();
        Assert.True(model.Has(0));
    }

    /// <summary>The counters beside exact ones.</summary>
    private sealed class Model(int capacity)
    {
        private readonly SpaceSaving _keys = new(capacity);
        private readonly Dictionary<int, double> _exact = [];
        private double _sum;

        public bool Has(int key) => _keys.TryAdd(Hash(key), 0, 0, 0);

        public void Add(int key, double hits)
        {
            if (!_keys.TryAdd(Hash(key), hits, 0, 0))
            {
                _keys.Add(Hash(key), $"{key}", isCut: false, hits, 0, 0);
            }

            _exact[key] = _exact.GetValueOrDefault(key) + hits;
            _sum += hits;
        }

        public void Fade(double factor)
        {
            _keys.Fade(factor);
            _sum *= factor;
            foreach (int key in _exact.Keys)
            {
                _exact[key] *= factor;
            }
        }

        public void Check()
        {
            const double Rounding = 1e-6;
            double least = _keys.Count < capacity ? 0 : _keys.Hits.ToArray().Min();
            double sum = 0;
            HashSet<int> seen = [];
            for (int i = 0; i < _keys.Count; i++)
            {
                ref readonly FollowedKey followed = ref _keys.Keys[i];
                int key = int.Parse(followed.Text, System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(seen.Add(key));
                Assert.Equal(Hash(key), followed.Hash);
                Assert.InRange(_exact[key], _keys.Hits[i] - followed.Error - Rounding, _keys.Hits[i] + Rounding);
                Assert.InRange(followed.Error, 0, (_sum / capacity) + Rounding);
                sum += _keys.Hits[i];
            }

            Assert.Equal(_sum, sum, Rounding * Math.Max(_sum, 1));
            Assert.InRange(least, 0, (_sum / capacity) + Rounding);
            Assert.All(_exact, e => Assert.True(seen.Contains(e.Key) || e.Value <= least + Rounding));
        }

        private static KeyHash Hash(int key) => new((ulong)key << 8, (ulong)key * 0x9E3779B97F4A7C15);
    }
}
