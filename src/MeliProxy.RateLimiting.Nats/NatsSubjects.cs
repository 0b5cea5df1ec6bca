using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>
/// The subjects of one domain, that is of the sidecars that share quotas, and the name of its key-value bucket.
/// Instances are immutable.
/// </summary>
public sealed class NatsSubjects
{
    private const int MaxDomainLength = 64;

    // What both a subject token and the name of a JetStream bucket may hold.
    private static readonly SearchValues<char> DomainCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private readonly string _lease;
    private readonly string _command;

    /// <summary>Creates the subjects of a domain.</summary>
    /// <param name="domain">The domain: 1 to 64 of the characters <c>a-z A-Z 0-9 _ -</c>. Upper and lower case differ.</param>
    /// <exception cref="ArgumentNullException"><paramref name="domain"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="domain"/> is not of that form.</exception>
    public NatsSubjects(string domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        if (!IsDomain(domain))
        {
            throw new ArgumentException("A domain must be 1 to 64 of the characters a-z, A-Z, 0-9, '_' and '-'.", nameof(domain));
        }

        Domain = domain;
        string prefix = $"meliproxy.{domain}";
        _command = $"{prefix}.cmd.";
        RulesList = Command("rules.list");
        RulesGet = Command("rules.get");
        RulesPut = Command("rules.put");
        RulesDelete = Command("rules.delete");
        OverridesList = Command("overrides.list");
        OverridesPut = Command("overrides.put");
        OverridesDelete = Command("overrides.delete");
        UsageQuery = Command("usage.query");
        Top = Command("top");
        Nodes = Command("nodes");
        Leases = $"{prefix}.lease.>";
        LeaseNodes = $"{prefix}.lease.nodes";
        _lease = $"{prefix}.lease";
        RulesChanged = $"{prefix}.rules.changed";
        Bucket = $"meliproxy-{domain}";
    }

    /// <summary>The domain.</summary>
    public string Domain { get; }

    /// <summary>The command that lists the rules.</summary>
    public string RulesList { get; }

    /// <summary>The command that reads one rule.</summary>
    public string RulesGet { get; }

    /// <summary>The command that adds or replaces one rule.</summary>
    public string RulesPut { get; }

    /// <summary>The command that removes one rule.</summary>
    public string RulesDelete { get; }

    /// <summary>The command that lists the overrides.</summary>
    public string OverridesList { get; }

    /// <summary>The command that adds or replaces one override.</summary>
    public string OverridesPut { get; }

    /// <summary>The command that removes one override.</summary>
    public string OverridesDelete { get; }

    /// <summary>The command that reads usage statistics.</summary>
    public string UsageQuery { get; }

    /// <summary>The command that names the heaviest keys.</summary>
    public string Top { get; }

    /// <summary>The command that lists the domain's sidecars.</summary>
    public string Nodes { get; }

    /// <summary>The wildcard under which all lease traffic of the domain lies.</summary>
    public string Leases { get; }

    /// <summary>The question to which every member answers with what it has to tell of itself.</summary>
    public string LeaseNodes { get; }

    /// <summary>The JetStream key-value bucket that holds what the domain's members agree on.</summary>
    public string Bucket { get; }

    /// <summary>Creates the subjects of a domain whose name may be wrong.</summary>
    /// <param name="domain">The domain; see the constructor.</param>
    /// <param name="subjects">The subjects, or null.</param>
    /// <returns>Whether the name is of the form that the constructor asks for.</returns>
    public static bool TryCreate(string? domain, [NotNullWhen(true)] out NatsSubjects? subjects)
    {
        subjects = domain is not null && IsDomain(domain) ? new NatsSubjects(domain) : null;
        return subjects is not null;
    }

    /// <summary>What tells members that the rule document has changed.</summary>
    internal string RulesChanged { get; }

    /// <summary>The subject of a command.</summary>
    /// <param name="name">Its name, such as <c>rules.put</c>.</param>
    public string Command(string name) => _command + name;

    /// <summary>The subject of reports for a shard.</summary>
    internal string LeaseShard(int shard) => string.Create(CultureInfo.InvariantCulture, $"{_lease}.shard.{shard}");

    /// <summary>
    /// The subject of what is for one member: <c>answer</c>, or a shard's number for the server's word that nobody took a report for it.
    /// </summary>
    internal string LeaseNode(ulong node, string what) => string.Create(CultureInfo.InvariantCulture, $"{_lease}.node.{node:x16}.{what}");

    private static bool IsDomain(ReadOnlySpan<char> domain) =>
        domain.Length is >= 1 and <= MaxDomainLength && !domain.ContainsAnyExcept(DomainCharacters);
}
