namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>A colour that a product comes in, with the id that the API gives it.</summary>
internal sealed record Color(string Id, string Spanish, string Portuguese);
