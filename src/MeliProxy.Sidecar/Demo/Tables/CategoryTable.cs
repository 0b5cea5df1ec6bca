using System.Collections.Frozen;
using System.Globalization;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Tables;

/// <summary>
/// The upper part of the category tree. Numbers and Spanish names are Argentina's; the real API numbers each site's
/// categories on their own, the stand-in uses one numbering for all.
/// </summary>
internal static class CategoryTable
{
    private static readonly CategoryEntry[] Entries = [.. RootCategories.All, .. BranchCategories.All];

    private static readonly FrozenDictionary<int, CategoryEntry> ByNumber = Entries.ToFrozenDictionary(entry => entry.Number);

    // By text, so that a number with leading zeros is not taken for the category it is not.
    private static readonly FrozenDictionary<string, CategoryEntry> ByDigits =
        Entries.ToFrozenDictionary(entry => entry.Number.ToString(CultureInfo.InvariantCulture));

    private static readonly FrozenDictionary<int, CategoryEntry[]> ByParent =
        Entries.GroupBy(entry => entry.Parent).ToFrozenDictionary(children => children.Key, children => children.ToArray());

    public static IReadOnlyList<CategoryEntry> All => Entries;

    /// <summary>Names for categories that are in no table.</summary>
    public static IReadOnlyList<(string Spanish, string Portuguese)> UnlistedNames { get; } =
    [
        ("Accesorios", "Acessórios"), ("Kits y Combos", "Kits e Combos"), ("Novedades", "Novidades"), ("Importados", "Importados"),
        ("Artesanales", "Artesanais"), ("Premium", "Premium"), ("Lotes", "Lotes"), ("Otros", "Outros"),
    ];

    public static CategoryEntry Get(int number) => ByNumber[number];

    public static CategoryEntry? Find(string digits) => ByDigits.GetValueOrDefault(digits);

    public static IReadOnlyList<CategoryEntry> ChildrenOf(int number) =>
        ByParent.TryGetValue(number, out CategoryEntry[]? children) ? children : [];
}
