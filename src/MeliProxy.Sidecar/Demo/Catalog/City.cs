using System.Text;

namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>Where a user lives.</summary>
internal sealed record City(string SiteId, string StateId, string StateName, string Name)
{
    /// <summary>The API's own ids of cities look like this: Base64 of site, level, three letters and a checksum.</summary>
    public string Id { get; } = Convert.ToBase64String(
        Encoding.ASCII.GetBytes($"{SiteId}C{SearchText.Fold(Name)[..3].ToUpperInvariant()}{StableHash.Of(Name) & 0xFFFFF:x5}"));
}
