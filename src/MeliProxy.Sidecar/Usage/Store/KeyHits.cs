namespace MeliProxy.Sidecar.Usage.Store;

/// <summary>How often a rule judged a key in the time between two lists of the keys that use it most.</summary>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Key">The key's parts as a JSON array.</param>
/// <param name="Hits">How often, about.</param>
/// <param name="Limited">How many of them were over the limit, about.</param>
/// <param name="Error">By how much <paramref name="Hits"/> can be too high.</param>
internal readonly record struct KeyHits(string Rule, string Key, long Hits, long Limited, long Error);
