using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>One rule's part in a decision, while it is being made and, if something is left to settle, until that is done.</summary>
internal struct PendingTake
{
    /// <summary>In place of <see cref="Slot"/>: the rule rejects because others wait for the key.</summary>
    public const int BehindOthers = -2;

    /// <summary>The rule's position in the set.</summary>
    public int Rule;

    /// <summary>The position in <see cref="BoundRule.Limits"/> of the limit that applies.</summary>
    public int Limit;

    /// <summary>The key's slot, or negative if it has none.</summary>
    public int Slot;

    /// <summary>Whether going over the limit rejects.</summary>
    public bool Enforces;

    /// <summary>Whether <see cref="State"/> allows it.</summary>
    public bool IsWithin;

    /// <summary>Whether permits were taken.</summary>
    public bool IsTaken;

    /// <summary>Whether permits are taken if all rules agree; otherwise they are only asked for.</summary>
    public bool Takes;

    /// <summary>What is asked of the key, at least 1.</summary>
    public long Cost;

    public KeyHash Hash;

    /// <summary>The key's state as last seen, then as left by the decision.</summary>
    public KeyState State;

    /// <summary>The state that follows from <see cref="State"/> if the permits are taken.</summary>
    public long Word;
}
