using MeliProxy.Sidecar.Demo.Catalog;
using MeliProxy.Sidecar.Demo.Tables;

namespace MeliProxy.Sidecar.Tests.Demo.Catalog;

public sealed class TableTests
{
    [Fact]
    public void Every_category_hangs_below_a_root() =>
        Assert.All(CategoryTable.All, entry => Assert.Equal(0, RootOf(entry).Parent));

    [Fact]
    public void Every_product_is_in_a_tabulated_category() =>
        Assert.All(ProductTable.All, product => Assert.Contains(CategoryTable.All, entry => entry.Number == product.CategoryNumber));

    [Fact]
    public void Every_site_has_cities_and_a_tabulated_currency() => Assert.All(SiteTable.All, site =>
    {
        Assert.All(CityTable.Of(site), city => Assert.StartsWith(site.CountryId + "-", city.StateId, StringComparison.Ordinal));
        Assert.NotEmpty(CityTable.Of(site));
        Assert.NotNull(CurrencyTable.Find(site.CurrencyId));
    });

    private static CategoryEntry RootOf(CategoryEntry entry)
    {
        CategoryEntry current = entry;
        for (int depth = 0; depth < CategoryTable.All.Count && current.Parent != 0; depth++)
        {
            current = CategoryTable.Get(current.Parent);
        }

        return current;
    }
}
