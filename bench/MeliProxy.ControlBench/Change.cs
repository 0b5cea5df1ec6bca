namespace MeliProxy.ControlBench;

/// <summary>One change of a rule, and how long it took. All times are in ms from when the command was sent.</summary>
/// <param name="Way">The way that the command took.</param>
/// <param name="Answered">Until its answer had come.</param>
/// <param name="Seen">Until the new limit was seen, for each sidecar.</param>
public sealed record Change(string Way, double Answered, IReadOnlyList<double> Seen);
