using MeliProxy.Sidecar.Demo.Catalog;
using MeliProxy.Sidecar.Demo.Json;
using MeliProxy.Sidecar.Demo.Tables;

namespace MeliProxy.Sidecar.Demo;

/// <summary>The resources of the API by their paths.</summary>
internal static class StandInResources
{
    private const string CategoryCaching = "max-age=600,stale-while-revalidate=300, stale-if-error=1200";
    private const string ItemCaching = "max-age=60,stale-while-revalidate=30, stale-if-error=120";
    private const string ReferenceCaching = "max-age=3600,stale-while-revalidate=1800, stale-if-error=7200";

    public static ApiAnswer Find(string path, IQueryCollection query) => path.Split('/') switch
    {
        ["", "categories", { Length: > 0 } id] => FindCategory(id),
        ["", "items", { Length: > 0 } id] => FindItem(id),
        ["", "users", { Length: > 0 } id] => FindUser(id),
        ["", "currencies"] => ApiAnswer.Ok(CurrencyTable.All, ReferenceJson.WriteCurrencies, ReferenceCaching),
        ["", "currencies", { Length: > 0 } id] => FindCurrency(id),
        ["", "sites"] => ApiAnswer.Ok(SiteTable.All, ReferenceJson.WriteSites, ReferenceCaching),
        ["", "sites", { Length: > 0 } id, "categories"] => OfSite(id, ListCategories),
        ["", "sites", { Length: > 0 } id, "search"] => OfSite(id, site => FindItems(site, query)),
        _ => ApiAnswer.NotFound($"Resource not found: {path}"),
    };

    private static ApiAnswer FindCategory(string id) =>
        MarketplaceId.TryParse(id, out MarketplaceId? parsed)
            ? ApiAnswer.Ok(Category.Of(parsed), CategoryJson.Write, CategoryCaching)
            : ApiAnswer.NotFound($"Category not found: {id}");

    private static ApiAnswer FindItem(string id) =>
        MarketplaceId.TryParse(id, out MarketplaceId? parsed)
            ? ApiAnswer.Ok(Item.Of(parsed), ItemJson.Write, ItemCaching)
            : ApiAnswer.NotFound($"Item with id {id} not found");

    private static ApiAnswer FindUser(string id) =>
        User.TryParseId(id, out long number)
            ? ApiAnswer.Ok(User.Of(number), UserJson.Write, ItemCaching)
            : ApiAnswer.NotFound($"User not found: {id}");

    private static ApiAnswer FindCurrency(string id) =>
        CurrencyTable.Find(id) is { } currency
            ? ApiAnswer.Ok(currency, ReferenceJson.WriteCurrency, ReferenceCaching)
            : ApiAnswer.NotFound($"Currency not found: {id}");

    private static ApiAnswer OfSite(string id, Func<Site, ApiAnswer> answer) =>
        SiteTable.Find(id) is { } site ? answer(site) : ApiAnswer.NotFound($"Site not found: {id}");

    private static ApiAnswer ListCategories(Site site) => ApiAnswer.Ok(site, CategoryJson.WriteRoots, CategoryCaching);

    private static ApiAnswer FindItems(Site site, IQueryCollection query) =>
        ItemSearch.TryParse(site, query, out ItemSearch? search, out string? error)
            ? ApiAnswer.Ok(search, SearchJson.Write, ItemCaching)
            : ApiAnswer.BadRequest(error);
}
