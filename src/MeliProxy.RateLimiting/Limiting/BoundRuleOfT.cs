using System.Globalization;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>A rule tied to a kind of resource: it can test one and compute its key.</summary>
internal sealed class BoundRule<TResource> : BoundRule
{
    private readonly Predicate<TResource>? _match;
    private readonly IPartitionKeySource<TResource>[] _key;
    private readonly bool _skipMissing;

    public BoundRule(
        RateLimitRule rule,
        Limit limit,
        KeyHasher secret,
        Predicate<TResource>? match,
        IPartitionKeySource<TResource>[] key)
        : base(rule, limit, HasherFor(rule, secret))
    {
        _match = match;
        _key = key;
        _skipMissing = rule.OnMissingKey == MissingKeyBehavior.Skip;
    }

    public bool Matches(TResource resource) => _match is null || _match(resource);

    /// <summary>Computes the key's hash; false if the rule skips the resource because a part is missing.</summary>
    public bool TryHashKey(TResource resource, Span<char> buffer, out KeyHash hash)
    {
        PartitionKeyWriter writer = new(buffer);
        try
        {
            foreach (IPartitionKeySource<TResource> source in _key)
            {
                writer.BeginPart();
                bool present = source.TryWrite(resource, ref writer);
                writer.EndPart(present);
                if (!present && _skipMissing)
                {
                    hash = default;
                    return false;
                }
            }

            hash = Hasher.Hash(writer.Written);
            return true;
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>The key's parts as people read them; null where one is missing.</summary>
    public string?[] DescribeKey(TResource resource)
    {
        string?[] parts = new string?[_key.Length];
        Span<char> buffer = stackalloc char[64];
        for (int i = 0; i < parts.Length; i++)
        {
            PartitionKeyWriter writer = new(buffer);
            parts[i] = _key[i].TryWrite(resource, ref writer) ? writer.Written.ToString() : null;
            writer.Dispose();
        }

        return parts;
    }

    /// <summary>Counts belong to what is hashed in here; what is left out may change and keeps them.</summary>
    private static KeyHasher HasherFor(RateLimitRule rule, KeyHasher secret)
    {
        string window = rule.Algorithm == RateLimitAlgorithm.FixedWindow
            ? rule.Window.Ticks.ToString(CultureInfo.InvariantCulture)
            : "";
        KeyHash derived = secret.Hash(string.Join('\n', [rule.Name, rule.Algorithm.ToString(), window, .. rule.Key]));
        return new KeyHasher(derived.Low, derived.High);
    }
}
