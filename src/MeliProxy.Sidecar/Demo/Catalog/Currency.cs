namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>A currency as the API lists it.</summary>
internal sealed record Currency(string Id, string Symbol, string Description, int DecimalPlaces);
