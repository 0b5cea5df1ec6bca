using System.Diagnostics.CodeAnalysis;
using MeliProxy.Sidecar.Demo.Tables;

namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>An id of a category or an item: the site's letters, then digits, e.g. <c>MLA97994</c>.</summary>
internal sealed record MarketplaceId(Site Site, string Digits)
{
    private const int SiteLength = 3;

    public static bool TryParse(string text, [NotNullWhen(true)] out MarketplaceId? id)
    {
        id = null;
        if (text.Length <= SiteLength || text.AsSpan(SiteLength).ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        if (SiteTable.Find(text[..SiteLength]) is { } site)
        {
            id = new MarketplaceId(site, text[SiteLength..]);
        }

        return id is not null;
    }

    /// <summary>The remainder of the number, which may have any number of digits.</summary>
    public int Modulo(int divisor)
    {
        long remainder = 0;
        foreach (char digit in Digits)
        {
            remainder = ((remainder * 10) + (digit - '0')) % divisor;
        }

        return (int)remainder;
    }

    public override string ToString() => Site.Id + Digits;
}
