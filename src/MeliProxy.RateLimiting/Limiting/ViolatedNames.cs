using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>The names of the rules that a resource violated. The combinations that come again and again are kept, so that a rejection makes none anew.</summary>
/// <remarks>
/// A tree: each node adds a rule to those before. It keeps up to <see cref="KeptBesides"/> others per node down to <see cref="KeptDepth"/>
/// rules, which bounds it whatever clients violate; the rest is made when it is needed. Safe for several threads.
/// </remarks>
internal sealed class ViolatedNames
{
    private const int KeptBesides = 8;
    private const int KeptDepth = 4;

    private readonly RateLimitRule _last;
    private ViolatedNames?[]? _besides;

    /// <summary>Those of one rule.</summary>
    public ViolatedNames(RateLimitRule rule)
        : this(rule, [rule.Name])
    {
    }

    private ViolatedNames(RateLimitRule last, string[] names)
    {
        _last = last;
        Names = names;
    }

    /// <summary>The same list for the same rules, as long as it is kept.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>These and another rule's.</summary>
    public ViolatedNames With(BoundRule rule)
    {
        if (Names.Count >= KeptDepth)
        {
            return Beside(rule);
        }

        ViolatedNames?[] besides = _besides ??= new ViolatedNames?[KeptBesides];
        ref ViolatedNames? kept = ref besides[(uint)rule.Row % KeptBesides];
        ViolatedNames? names = Volatile.Read(ref kept);
        if (names is null || !ReferenceEquals(names._last, rule.Rule))
        {
            names = Beside(rule);
            Volatile.Write(ref kept, names);
        }

        return names;
    }

    private ViolatedNames Beside(BoundRule rule) => new(rule.Rule, [.. Names, rule.Rule.Name]);
}
