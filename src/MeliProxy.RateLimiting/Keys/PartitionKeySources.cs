using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace MeliProxy.RateLimiting.Keys;

/// <summary>The key parts that rules may use, by name.</summary>
/// <typeparam name="TResource">The kind of resource.</typeparam>
/// <remarks>Always holds <c>global</c>, which has the same value for everything. Not safe for use by several threads; fill it first.</remarks>
public sealed class PartitionKeySources<TResource>
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private readonly Dictionary<string, Func<PartitionKeyRequest, IPartitionKeySource<TResource>>> _factories = new(StringComparer.Ordinal);

    /// <summary>Creates the list with <c>global</c> in it.</summary>
    public PartitionKeySources() => Add("global", new GlobalKeySource());

    /// <summary>The names, in alphabetical order.</summary>
    public IEnumerable<string> Names => _factories.Keys.Order(StringComparer.Ordinal);

    /// <summary>Adds a key part computed by a delegate, which returns <see langword="null"/> where the resource lacks it.</summary>
    /// <param name="name">The part's name: lower-case words joined by hyphens, as <c>tenant</c> or <c>client-ip</c>.</param>
    /// <param name="value">Computes the value; called on the request path by many threads at once.</param>
    /// <returns>This list.</returns>
    /// <exception cref="ArgumentException">The name is malformed or taken.</exception>
    public PartitionKeySources<TResource> Add(string name, Func<TResource, string?> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Add(name, new DelegateKeySource(value));
    }

    /// <summary>Adds a key part.</summary>
    /// <param name="name">The part's name: lower-case words joined by hyphens.</param>
    /// <param name="source">Computes the value.</param>
    /// <returns>This list.</returns>
    /// <exception cref="ArgumentException">The name is malformed or taken.</exception>
    public PartitionKeySources<TResource> Add(string name, IPartitionKeySource<TResource> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return AddFactory(
            name,
            request => request.Argument is null ? source : throw new ArgumentException($"the key part '{name}' takes no ':' argument"));
    }

    /// <summary>Adds a key part whose source depends on the rule, or on an argument as in <c>header:X-Api-Key</c>.</summary>
    /// <param name="name">The part's name, without colon and argument: lower-case words joined by hyphens.</param>
    /// <param name="factory">
    /// Makes the source, once for each use in a rule; throws <see cref="ArgumentException"/> with a message for people if it cannot.
    /// </param>
    /// <returns>This list.</returns>
    /// <exception cref="ArgumentException">The name is malformed or taken.</exception>
    public PartitionKeySources<TResource> AddFactory(string name, Func<PartitionKeyRequest, IPartitionKeySource<TResource>> factory)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(factory);
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new ArgumentException($"'{name}' is no name for a key part: use a-z, 0-9 and '-'", nameof(name));
        }

        if (!_factories.TryAdd(name, factory))
        {
            throw new ArgumentException($"there is a key part '{name}' already", nameof(name));
        }

        return this;
    }

    internal bool TryResolve(
        string part,
        Rules.RateLimitRule rule,
        [NotNullWhen(true)] out IPartitionKeySource<TResource>? source,
        [NotNullWhen(false)] out string? error)
    {
        source = null;
        error = null;
        int colon = part.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? part : part[..colon];
        if (!_factories.TryGetValue(name, out Func<PartitionKeyRequest, IPartitionKeySource<TResource>>? factory))
        {
            error = $"the key part '{part}' is unknown; known are {string.Join(", ", Names)}";
            return false;
        }

        try
        {
            source = factory(new PartitionKeyRequest(rule, colon < 0 ? null : part[(colon + 1)..]));
            return true;
        }
        catch (ArgumentException e)
        {
            error = e.Message;
            return false;
        }
    }

    private sealed class GlobalKeySource : IPartitionKeySource<TResource>
    {
        public bool TryWrite(TResource resource, ref PartitionKeyWriter writer) => true;
    }

    /// <summary>A part whose value is a string that exists already.</summary>
    internal sealed class DelegateKeySource(Func<TResource, string?> value) : IPartitionKeySource<TResource>
    {
        public Func<TResource, string?> Value => value;

        public bool TryWrite(TResource resource, ref PartitionKeyWriter writer)
        {
            string? text = value(resource);
            writer.Append(text);
            return text is not null;
        }
    }
}
