namespace MeliProxy.Simulation;

/// <summary>Something that goes wrong for a while.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">When it begins.</param>
/// <param name="For">How long it lasts.</param>
/// <param name="Node">Whom it befalls; -1 for the owner of the shard of the first key, or everyone where the fault is that of the bus.</param>
public sealed record Fault(FaultKind Kind, TimeSpan At, TimeSpan For, int Node = -1);
