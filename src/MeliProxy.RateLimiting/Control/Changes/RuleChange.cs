using System.Text.Json;

namespace MeliProxy.RateLimiting.Control.Changes;

/// <summary>One change of a rule document.</summary>
internal abstract record RuleChange
{
    /// <summary>The command that makes it.</summary>
    public abstract string Command { get; }

    /// <summary>What is otherwise after the change.</summary>
    /// <exception cref="CommandException">It cannot be made of this content.</exception>
    public abstract RuleContent ApplyTo(RuleContent content);

    /// <summary>Writes the members of the command's body, so that <see cref="RuleChangeJson"/> reads them.</summary>
    public abstract void WriteMembers(Utf8JsonWriter writer);

    /// <summary>What undoes the change when its time is over, with what there was before; <see langword="null"/> if it takes no time.</summary>
    public virtual RuleChange? Reverse(RuleContent before) => null;

    /// <summary>The change with an end of its own, if it is of a kind that has one in itself; otherwise <see langword="null"/>.</summary>
    public virtual RuleChange? EndingAt(DateTimeOffset end) => null;

    /// <summary>What it sets that may be for a time; <see langword="null"/> if it sets nothing of that kind.</summary>
    public virtual string? Target => null;

    /// <summary>What <see cref="Target"/> is in a content, as JSON; <see langword="null"/> if it is not there.</summary>
    public virtual string? TargetIn(RuleContent content) => null;
}
