namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>
/// A node of the category tree as tabulated. Domain and vertical hold for everything below unless an entry there has
/// its own; a root has both and the parent 0.
/// </summary>
internal sealed record CategoryEntry(
    int Number, int Parent, string Spanish, string Portuguese, string? Domain = null, string? Vertical = null);
