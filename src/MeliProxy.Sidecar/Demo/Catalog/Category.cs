using System.Globalization;
using MeliProxy.Sidecar.Demo.Tables;

namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>
/// A category of one site. Numbers in <see cref="CategoryTable"/> have their place in the tree, the same on all sites;
/// any other number is a leaf somewhere below it.
/// </summary>
internal sealed class Category
{
    private static readonly int[] ParentsOfUnlisted =
        [.. CategoryTable.All.Where(entry => entry.Parent != 0).Select(entry => entry.Number)];

    private readonly CategoryEntry? _entry;

    private Category(Site site, string id, string name, Category? parent, CategoryEntry? entry)
    {
        Site = site;
        Id = id;
        Name = name;
        Parent = parent;
        _entry = entry;
        Domain = entry?.Domain ?? parent!.Domain;
        Vertical = entry?.Vertical ?? parent!.Vertical;
    }

    public Site Site { get; }

    public string Id { get; }

    public string Name { get; }

    public Category? Parent { get; }

    /// <summary>What the goods are, e.g. <c>CELLPHONES</c>.</summary>
    public string Domain { get; }

    public string Vertical { get; }

    /// <summary>Goods that are advertised rather than bought on the site: homes, vehicles, services.</summary>
    public bool IsClassified => Vertical is "real_estate" or "motors" or "services";

    /// <summary>From the root to this category.</summary>
    public IEnumerable<Category> Path => Parent is null ? [this] : Parent.Path.Append(this);

    public IEnumerable<Category> Children =>
        _entry is null ? [] : CategoryTable.ChildrenOf(_entry.Number).Select(entry => Of(Site, entry));

    /// <summary>The items listed here and in all children.</summary>
    public int TotalItems => Draws("items").Between(40, 9000) + Children.Sum(child => child.TotalItems);

    public static Category Of(MarketplaceId id) =>
        CategoryTable.Find(id.Digits) is { } entry ? Of(id.Site, entry) : Unlisted(id);

    public static Category Of(Site site, CategoryEntry entry) => new(
        site,
        string.Create(CultureInfo.InvariantCulture, $"{site.Id}{entry.Number}"),
        site.Say(entry.Spanish, entry.Portuguese),
        entry.Parent == 0 ? null : Of(site, CategoryTable.Get(entry.Parent)),
        entry);

    /// <summary>Choices that depend on this category and on what they are for.</summary>
    public StableDraws Draws(string purpose) => new($"category/{Id}/{purpose}");

    private static Category Unlisted(MarketplaceId id)
    {
        StableDraws draws = new($"category/{id}");
        Category parent = Of(id.Site, CategoryTable.Get(draws.Pick(ParentsOfUnlisted)));
        (string spanish, string portuguese) = draws.Pick(CategoryTable.UnlistedNames);
        return new Category(id.Site, id.ToString(), id.Site.Say(spanish, portuguese), parent, entry: null);
    }
}
