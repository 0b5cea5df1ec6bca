using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>A rule tied to a kind of resource: it can test one and compute its key.</summary>
internal sealed partial class BoundRule<TResource> : BoundRule
{
    private readonly Predicate<TResource>? _match;
    private readonly IPartitionKeySource<TResource>[] _key;
    private readonly Func<TResource, string?>? _text;
    private readonly ResourceList<TResource>? _allow;
    private readonly ResourceList<TResource>? _deny;
    private readonly Dictionary<KeyHash, int>? _overrides;
    private readonly bool _skipMissing;

    public BoundRule(
        RateLimitRule rule,
        RuleMode mode,
        IReadOnlyList<RuleOverride> overrides,
        KeyHasher secret,
        int row,
        LeaseHolder? leases,
        RuleSources<TResource> sources)
        : base(rule, mode, overrides, secret, row, leases)
    {
        _match = sources.Match;
        _key = sources.Key;
        _text = (_key is [PartitionKeySources<TResource>.DelegateKeySource source]) ? source.Value : null;
        _allow = sources.Allow;
        _deny = sources.Deny;
        _skipMissing = rule.OnMissingKey == MissingKeyBehavior.Skip;
        if (overrides.Count > 0)
        {
            _overrides = [];
            for (int i = 0; i < overrides.Count; i++)
            {
                _overrides[HashOf(overrides[i].Key)] = FirstOverride + i;
            }
        }
    }

    /// <summary>
    /// Prepares the rule's part in a decision; false if the rule has none. Sources and matches are the user's code and may throw anything.
    /// </summary>
    public bool TryPrepare(TResource resource, Span<char> buffer, ref PendingTake take)
    {
        take.Limit = OwnLimit;
        if (!Matches(resource))
        {
            return false;
        }

        if ((_allow ?? _deny) is not null && TryDecideByList(resource, buffer, ref take, out bool applies))
        {
            return applies;
        }

        if (!TryHashKey(resource, buffer, out take.Hash))
        {
            return false;
        }

        take.Limit = LimitFor(take.Hash);
        return true;
    }

    public override int LimitFor(in KeyHash hash) =>
        _overrides is not null && _overrides.TryGetValue(hash, out int limit) ? limit : OwnLimit;

    public bool Matches(TResource resource) => _match is null || _match(resource);

    /// <summary>Whether the rule leaves the resource alone by its list, or rejects it by its list.</summary>
    public (bool Allowed, bool Denied) FindInLists(TResource resource, Span<char> buffer)
    {
        bool allowed = _allow?.Contains(resource, buffer) == true;
        return (allowed, !allowed && _deny?.Contains(resource, buffer) == true);
    }

    /// <summary>Computes the key's hash; false if the rule skips the resource because a part is missing.</summary>
    public bool TryHashKey(TResource resource, Span<char> buffer, out KeyHash hash)
    {
        if (_text is null)
        {
            return TryHashParts(resource, buffer, out hash);
        }

        string? text = _text(resource);
        hash = Hasher.HashPart(text).With(Kind);
        return (text is not null || !_skipMissing)
            && (text is not { Length: >= PartitionKeyWriter.MaxLength } || TryHashParts(resource, buffer, out hash));
    }

    private bool TryHashParts(TResource resource, Span<char> buffer, out KeyHash hash)
    {
        PartitionKeyWriter writer = new(buffer);
        try
        {
            bool isWhole = TryWriteParts(resource, ref writer);
            hash = isWhole ? Hasher.Hash(writer.Written).With(Kind) : default;
            return isWhole;
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Writes the key; false if the rule skips the resource because a part is missing.</summary>
    private bool TryWriteParts(TResource resource, ref PartitionKeyWriter writer)
    {
        foreach (IPartitionKeySource<TResource> source in _key)
        {
            writer.BeginPart();
            bool present = source.TryWrite(resource, ref writer);
            writer.EndPart(present);
            if (!present && _skipMissing)
            {
                return false;
            }
        }

        return true;
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

    private bool TryDecideByList(TResource resource, Span<char> buffer, ref PendingTake take, out bool applies)
    {
        (bool allowed, applies) = FindInLists(resource, buffer);
        if (applies)
        {
            take.Limit = DeniedLimit;
            take.Hash = HashOfDenied(resource, buffer);
        }

        return allowed || applies;
    }

    /// <summary>The key tells only whether the rule is enforced for it; what is denied is so even if its key cannot be computed.</summary>
    private KeyHash HashOfDenied(TResource resource, Span<char> buffer)
    {
        try
        {
            return TryHashKey(resource, buffer, out KeyHash hash) ? hash : default;
        }
        catch (Exception)
        {
            return default;
        }
    }

    /// <summary>The hash of a key whose parts are given as text.</summary>
    public KeyHash HashOf(IReadOnlyList<string> key)
    {
        PartitionKeyWriter writer = new(stackalloc char[256]);
        foreach (string part in key)
        {
            writer.BeginPart();
            writer.Append(part);
            writer.EndPart(present: true);
        }

        KeyHash hash = Hasher.Hash(writer.Written).With(Kind);
        writer.Dispose();
        return hash;
    }
}
