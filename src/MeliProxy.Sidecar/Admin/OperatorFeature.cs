namespace MeliProxy.Sidecar.Admin;

/// <summary>Who sends a request, as far as that is known for sure.</summary>
/// <param name="Name">The name of the token that was shown.</param>
internal sealed record OperatorFeature(string Name);
