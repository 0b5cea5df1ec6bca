using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MeliProxy.Sidecar.Demo.Tables;

namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>One page of the items that match a text or a category, in a stable order.</summary>
internal sealed class ItemSearch
{
    public const int DefaultLimit = 50;

    /// <summary>The public may not page beyond this; it is also the most that counts as a primary result.</summary>
    public const int MaxOffset = 1000;

    private readonly int[] _products;
    private readonly string _seed;

    private ItemSearch(Site site, string? text, Category? category, int offset, int limit)
    {
        Site = site;
        Text = text;
        Category = category;
        Offset = offset;
        Limit = limit;
        _products = MatchingProducts(site, text, category);
        _seed = $"search/{site.Id}/{SearchText.Fold(text ?? "")}/{category?.Id}";
        Total = category?.TotalItems ?? new StableDraws(_seed).Between(120, 40_000);
    }

    public Site Site { get; }

    public string? Text { get; }

    public Category? Category { get; }

    public int Offset { get; }

    public int Limit { get; }

    public int Total { get; }

    public int PrimaryResults => Math.Min(Total, MaxOffset);

    public IEnumerable<Item> Results => Enumerable.Range(Offset, Math.Clamp(Total - Offset, 0, Limit)).Select(ItemAt);

    /// <summary>Reads <c>q</c>, <c>category</c>, <c>offset</c> and <c>limit</c>; a limit above 50 counts as 50.</summary>
    public static bool TryParse(
        Site site, IQueryCollection query, [NotNullWhen(true)] out ItemSearch? search, [NotNullWhen(false)] out string? error)
    {
        search = null;
        string? text = query["q"];
        string? categoryId = query["category"];
        if (string.IsNullOrWhiteSpace(text) && string.IsNullOrEmpty(categoryId))
        {
            error = "At least one of the parameters q and category is required";
            return false;
        }

        MarketplaceId? category = null;
        if (!string.IsNullOrEmpty(categoryId) && (!MarketplaceId.TryParse(categoryId, out category) || category.Site != site))
        {
            error = $"Invalid category: {categoryId}";
            return false;
        }

        if (!TryParseCount(query["offset"], 0, out int offset) || offset > MaxOffset)
        {
            error = string.Create(CultureInfo.InvariantCulture, $"Invalid offset: {query["offset"]}. Maximum allowed is {MaxOffset}");
            return false;
        }

        if (!TryParseCount(query["limit"], DefaultLimit, out int limit))
        {
            error = $"Invalid limit: {query["limit"]}";
            return false;
        }

        error = null;
        search = new ItemSearch(site, text, category is null ? null : Category.Of(category), offset, Math.Min(limit, DefaultLimit));
        return true;
    }

    private static bool TryParseCount(string? text, int missing, out int count)
    {
        count = missing;
        return string.IsNullOrEmpty(text) || int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }

    /// <summary>Products that have most words of the text; all of them if none has any, as a search never comes back empty here.</summary>
    private static int[] MatchingProducts(Site site, string? text, Category? category)
    {
        string[] words = SearchText.Fold(text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        int[] scores = [.. ProductTable.All.Select(product => Score(product, site, words, category))];
        int best = scores.Max();
        return [.. Enumerable.Range(0, scores.Length).Where(index => scores[index] == best)];
    }

    private static int Score(Product product, Site site, string[] words, Category? category)
    {
        string title = SearchText.Fold($"{site.Say(product.Spanish, product.Portuguese)} {product.Brand} {product.Model}");
        int score = words.Count(word => title.Contains(word, StringComparison.Ordinal));
        bool inCategory = category is not null
            && Category.Of(site, CategoryTable.Get(product.CategoryNumber)).Path.Any(step => step.Id == category.Id);
        return inCategory ? score + words.Length + 1 : score;
    }

    private Item ItemAt(int position)
    {
        StableDraws draws = new(string.Create(CultureInfo.InvariantCulture, $"{_seed}/{position}"));
        int products = ProductTable.All.Count;
        long number = (draws.Between(600_000_000, 1_900_000_000) / products * (long)products) + draws.Pick(_products);
        return Item.Of(new MarketplaceId(Site, number.ToString(CultureInfo.InvariantCulture)));
    }
}
