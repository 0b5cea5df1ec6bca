namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>A country's marketplace. <paramref name="UnitsPerDollar"/> gives made-up prices a believable size.</summary>
internal sealed record Site(
    string Id, string Name, string CountryId, string CurrencyId, decimal UnitsPerDollar, string WebDomain, string TimeZone)
{
    public bool SpeaksPortuguese => Id == "MLB";

    /// <summary>The one of two texts that is in the site's language.</summary>
    public string Say(string spanish, string portuguese) => SpeaksPortuguese ? portuguese : spanish;
}
