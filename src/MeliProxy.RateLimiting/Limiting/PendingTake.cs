using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>One rule's part in a decision while it is being made.</summary>
internal struct PendingTake
{
    /// <summary>The rule's position in the set.</summary>
    public int Rule;

    /// <summary>The key's slot, or -1 if it has none.</summary>
    public int Slot;

    /// <summary>What is asked of the key, at least 1.</summary>
    public long Cost;

    public KeyHash Hash;

    /// <summary>The key's state as last seen, then as left by the decision.</summary>
    public long State;

    /// <summary>The state that follows from <see cref="State"/> if the permits are taken.</summary>
    public long NewState;

    /// <summary>Whether <see cref="State"/> allows it.</summary>
    public bool IsWithin;

    /// <summary>Whether permits were taken.</summary>
    public bool Taken;
}
