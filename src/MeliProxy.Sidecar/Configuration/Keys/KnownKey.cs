using System.Diagnostics.CodeAnalysis;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration.Keys;

/// <summary>A setting that exists, with those below it.</summary>
internal sealed class KnownKey
{
    private KnownKey(KeyKind kind) => Kind = kind;

    public static KnownKey Text { get; } = new(KeyKind.Text);

    public static KnownKey Number { get; } = new(KeyKind.Number);

    public static KnownKey Boolean { get; } = new(KeyKind.Boolean);

    public KeyKind Kind { get; }

    /// <summary>The settings in an object.</summary>
    public IReadOnlyDictionary<string, KnownKey> Members { get; private init; } = new Dictionary<string, KnownKey>();

    /// <summary>Settings that the library has and a sidecar cannot, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Impossible { get; private init; } = new Dictionary<string, string>();

    /// <summary>What a list or map holds.</summary>
    public KnownKey? Item { get; private init; }

    /// <summary>Whether a list of one item can be written as that item.</summary>
    public bool AcceptsSingle { get; private init; }

    /// <summary>Whether names in a file are compared without regard to case, as YARP compares them.</summary>
    public bool IgnoresCase { get; private init; }

    /// <summary>What the value has to look like, where the text of a scalar decides.</summary>
    public ValueForm? Form { get; private init; }

    public bool IsScalar => Kind is KeyKind.Text or KeyKind.Number or KeyKind.Boolean;

    public static KnownKey Object(params (string Name, KnownKey Key)[] members) =>
        new(KeyKind.Object) { Members = members.ToDictionary(m => m.Name, m => m.Key, StringComparer.Ordinal) };

    /// <summary>An object in which one setting of the library's cannot be.</summary>
    public static KnownKey ObjectWithout(string name, string reason, params (string Name, KnownKey Key)[] members) =>
        new(KeyKind.Object)
        {
            Members = members.ToDictionary(m => m.Name, m => m.Key, StringComparer.Ordinal),
            Impossible = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { [name] = reason },
        };

    public static KnownKey ObjectIgnoringCase(params (string Name, KnownKey Key)[] members) =>
        new(KeyKind.Object)
        {
            Members = members.ToDictionary(m => m.Name, m => m.Key, StringComparer.OrdinalIgnoreCase),
            IgnoresCase = true,
        };

    public static KnownKey Map(KnownKey item) => new(KeyKind.Map) { Item = item };

    public static KnownKey MapIgnoringCase(KnownKey item) => new(KeyKind.Map) { Item = item, IgnoresCase = true };

    public static KnownKey List(KnownKey item) => new(KeyKind.List) { Item = item };

    public static KnownKey OneOrMore(KnownKey item) => new(KeyKind.List) { Item = item, AcceptsSingle = true };

    public static KnownKey Formed(ValueForm form) => new(KeyKind.Text) { Form = form };

    /// <summary>Says what is wrong with a name that is not found.</summary>
    public string DescribeUnknown(string name) =>
        Kind == KeyKind.Map ? "a name must not be empty"
        : Impossible.TryGetValue(name, out string? reason) ? reason
        : JsonMembers.DescribeUnknown(name, Members.Keys);

    /// <summary>Finds a member of an object or map.</summary>
    public bool TryFind(string name, bool ignoreCase, [NotNullWhen(true)] out string? known, [NotNullWhen(true)] out KnownKey? key)
    {
        if (Kind == KeyKind.Map)
        {
            (known, key) = (name, Item!);
            return name.Length > 0;
        }

        StringComparison comparison = ignoreCase || IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        (known, key) = Members.FirstOrDefault(m => m.Key.Equals(name, comparison));
        return key is not null;
    }
}
