using System.Globalization;
using System.Security.Cryptography;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Control;

/// <summary>Rules, overrides and mode as one document with a revision, changes that are to come, and a history of those made.</summary>
/// <remarks>
/// Immutable, so safe for use by several threads. A document that is read is what was written last; what is in force at a moment has the
/// scheduled changes in it that have come due since, each as a revision of its own, which is the same for everyone who reads the document.
/// </remarks>
public sealed partial class RuleDocument
{
    /// <summary>The longest document as JSON, in bytes. A NATS server takes messages of a mebibyte unless it is told otherwise.</summary>
    public const int MaxLength = 768 * 1024;

    /// <summary>The longest document without its history, in bytes.</summary>
    internal const int MaxContentLength = 512 * 1024;

    /// <summary>How many changes may be scheduled.</summary>
    internal const int MaxScheduled = 100;

    private const int MaxHistory = 200;
    private const int MaxHistoryLength = MaxLength - MaxContentLength;

    private RuleSet? _rules;

    private RuleDocument()
    {
    }

    /// <summary>How often it was changed, and 1 for the beginning.</summary>
    public long Revision { get; private init; }

    /// <summary>
    /// What tells it from another document that began elsewhere: 16 hexadecimal digits. Revisions of documents with different ones cannot be
    /// compared.
    /// </summary>
    public string Id { get; private init; } = "";

    /// <summary>
    /// What <see cref="FingerprintOf"/> made of the rules that it began with or that <see cref="RuleControl.ImportAsync"/> gave it last, so that
    /// it can be told whether they have been edited since.
    /// </summary>
    public string Seed { get; private init; } = "";

    /// <summary>The rules, without the scheduled changes that may have come due.</summary>
    public RuleSet Rules => _rules ??= Content.ToRuleSet();

    /// <summary>Whether nobody has changed it but by <see cref="RuleControl.ImportAsync"/>, so that it says what the configuration says.</summary>
    public bool IsFromConfiguration { get; private init; }

    internal RuleContent Content { get; private init; } = new([], [], RuleMode.Enforce);

    /// <summary>Changes to come, the next one first.</summary>
    internal IReadOnlyList<ScheduledChange> Scheduled { get; private init; } = [];

    /// <summary>The latest entries, the oldest first, without gaps.</summary>
    internal IReadOnlyList<AuditEntry> History { get; private init; } = [];

    /// <summary>What the change that made this document changed; none if it was read.</summary>
    internal IReadOnlyList<RuleDifference> LastChanges { get; private init; } = [];

    private long LastId { get; init; }

    /// <summary>Begins a document.</summary>
    /// <param name="rules">What it says.</param>
    /// <param name="at">When.</param>
    /// <returns>A document of revision 1.</returns>
    public static RuleDocument Begin(RuleSet rules, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return new RuleDocument
        {
            Revision = 1,
            Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)),
            Seed = FingerprintOf(rules),
            IsFromConfiguration = true,
            Content = RuleContent.Of(rules),
            History = [new AuditEntry(1, at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond)), null, AuditEntry.ViaConfiguration, CommandNames.RulesImport, null, [])],
        };
    }

    /// <summary>A short text that two sets of rules share only if they say the same.</summary>
    /// <param name="rules">The rules.</param>
    public static string FingerprintOf(RuleSet rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        RuleContent content = RuleContent.Of(rules);
        ReadOnlyMemory<byte> text = JsonText.BytesOf(writer =>
        {
            writer.WriteStartObject();
            content.WriteMembers(writer);
            writer.WriteEndObject();
        });
        return Convert.ToHexStringLower(SHA256.HashData(text.Span).AsSpan(0, 16));
    }

    /// <summary>Tells for people how the rules of the document differ from others.</summary>
    /// <param name="rules">The others.</param>
    /// <returns>A line for each difference; none if they say the same.</returns>
    public IReadOnlyList<string> DescribeDifferences(RuleSet rules) =>
        [.. ContentComparison.Compare(RuleContent.Of(rules), Content).Select(difference => difference.Describe())];

    /// <summary>Tells for people in one line who made the revision, how, and what it changed.</summary>
    public string DescribeLastChange()
    {
        if (History is not [.., var last])
        {
            return "nothing is known of how";
        }

        const int Most = 5;
        string more = last.Changes.Count > Most ? $" and {last.Changes.Count - Most} more" : "";
        string changes = string.Join(", ", last.Changes.Take(Most).Select(change => change.Describe()));
        return $"{last.Command} via {last.Via}{(last.By is { } by ? $" by {by}" : "")}{(changes.Length > 0 ? ": " : "")}{changes}{more}";
    }

    /// <summary>Until when nothing comes due and no override ends; the end of time if nothing does.</summary>
    internal DateTimeOffset UnchangedUntil(DateTimeOffset now)
    {
        DateTimeOffset until = NextChange ?? DateTimeOffset.MaxValue;
        foreach (RuleOverride value in Content.Overrides)
        {
            until = value.ExpiresAt > now && value.ExpiresAt < until ? value.ExpiresAt.Value : until;
        }

        return until;
    }

    /// <summary>When the next scheduled change comes; <see langword="null"/> if none is to come.</summary>
    internal DateTimeOffset? NextChange => Scheduled.Count == 0 ? null : Scheduled[0].EffectiveAt;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"revision {Revision} of {Id}");
}
