using System.Globalization;
using MeliProxy.Sidecar.Demo.Tables;

namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>
/// An item on sale. The product is the remainder of the id by the number of products, so that a search can name items
/// of the products it wants.
/// </summary>
internal sealed class Item
{
    // As the documentation has it, quantities that the public sees are steps, not figures.
    private static readonly int[] QuantitySteps = [1, 2, 3, 4, 5, 25, 50, 100, 150, 200, 250, 500, 5000];

    private Item(MarketplaceId id)
    {
        Id = id;
        StableDraws draws = new($"item/{id}");
        Product = ProductTable.All[id.Modulo(ProductTable.All.Count)];
        Category = Category.Of(Site, CategoryTable.Get(Product.CategoryNumber));
        Color = draws.Pick(ColorTable.All);
        Seller = User.Draw(Site, draws);
        Price = PriceFor(Product, Site, draws.Between(85, 131));
        OriginalPrice = draws.Chance(30) ? PriceFor(Product, Site, draws.Between(135, 170)) : null;
        IsNew = draws.Chance(85);
        FreeShipping = draws.Chance(60);
        IsPremium = draws.Chance(35);
        AvailableQuantity = draws.Pick(QuantitySteps);
        SoldQuantity = draws.Pick(QuantitySteps);
        Created = draws.Time(2020, 2025);
        Updated = Created.AddSeconds(draws.Between(3600, 20_000_000));
        PictureIds = [.. Enumerable.Range(0, draws.Between(3, 9)).Select(_ => PictureId(draws))];
    }

    public MarketplaceId Id { get; }

    public Site Site => Id.Site;

    public Product Product { get; }

    public Category Category { get; }

    public Color Color { get; }

    public User Seller { get; }

    public decimal Price { get; }

    public decimal? OriginalPrice { get; }

    public bool IsNew { get; }

    public bool FreeShipping { get; }

    /// <summary>Listed as <c>gold_pro</c>, which offers instalments without interest.</summary>
    public bool IsPremium { get; }

    public int AvailableQuantity { get; }

    public int SoldQuantity { get; }

    public DateTime Created { get; }

    public DateTime Updated { get; }

    public IReadOnlyList<string> PictureIds { get; }

    public string ColorName => Site.Say(Color.Spanish, Color.Portuguese);

    public string Title => $"{Site.Say(Product.Spanish, Product.Portuguese)} {Product.Brand} {Product.Model} {ColorName}";

    public string Permalink =>
        $"https://{Site.Say("articulo", "produto")}.{Site.WebDomain}/{Site.Id}-{Id.Digits}-{SearchText.Slug(Title)}-_JM";

    public static Item Of(MarketplaceId id) => new(id);

    private static decimal PriceFor(Product product, Site site, int percent)
    {
        decimal price = decimal.Floor(product.Dollars * site.UnitsPerDollar * percent / 100);
        return site.UnitsPerDollar < 10 ? price + 0.99m : price;
    }

    private static string PictureId(StableDraws draws)
    {
        int serial = draws.Between(600_000, 1_000_000);
        long picture = (draws.Between(30_000_000, 99_000_000) * 1000L) + draws.Between(100, 1000);
        DateTime taken = draws.Time(2020, 2025);
        return string.Create(CultureInfo.InvariantCulture, $"{serial}-MLA{picture}_{taken:MMyyyy}");
    }
}
