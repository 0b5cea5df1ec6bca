using System.Globalization;
using MeliProxy.Sidecar.Demo.Tables;

namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>A seller. The site is the remainder of the id by the number of sites, so that a site's sellers can be named.</summary>
internal sealed class User
{
    private const int MaxDigits = 12;

    private User(long id)
    {
        Id = id;
        Site = SiteTable.All[(int)(id % SiteTable.All.Count)];
        StableDraws draws = new(string.Create(CultureInfo.InvariantCulture, $"user/{id}"));
        Nickname = draws.Pick(NicknameTable.First) + draws.Pick(NicknameTable.Second) + (draws.Chance(40) ? draws.Between(10, 10000) : "");
        City = draws.Pick(CityTable.Of(Site));
        RegistrationDate = draws.Time(2003, 2023);
        CompletedSales = draws.Between(1, 60_000);
        CanceledSales = CompletedSales * draws.Between(1, 12) / 100;
        NegativePercent = draws.Between(0, 5);
        NeutralPercent = draws.Between(0, 4);
        Claims = draws.Between(0, 1 + RecentSales / 100);
        Delays = draws.Between(0, 1 + RecentSales / 60);
        Cancellations = draws.Between(0, 1 + RecentSales / 200);
        Points = draws.Between(0, 20_000);
    }

    public long Id { get; }

    public Site Site { get; }

    public string Nickname { get; }

    public City City { get; }

    public DateTime RegistrationDate { get; }

    public int CompletedSales { get; }

    public int CanceledSales { get; }

    /// <summary>Sales of the last 60 days, which reputations are made of.</summary>
    public int RecentSales => 1 + (CompletedSales / 12);

    public int NegativePercent { get; }

    public int NeutralPercent { get; }

    public int Claims { get; }

    public int Delays { get; }

    public int Cancellations { get; }

    public int Points { get; }

    public string? PowerSellerStatus => CompletedSales switch
    {
        > 30_000 => "platinum",
        > 12_000 => "gold",
        > 4_000 => "silver",
        _ => null,
    };

    public string LevelId => NegativePercent switch
    {
        <= 2 => "5_green",
        3 => "4_light_green",
        _ => "3_yellow",
    };

    public string Permalink => $"http://perfil.{Site.WebDomain}/{Nickname}";

    public static bool TryParseId(string text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && text.Length <= MaxDigits && text[0] != '0';

    public static User Of(long id) => new(id);

    /// <summary>One of the site's sellers.</summary>
    public static User Draw(Site site, StableDraws draws)
    {
        int index = SiteTable.IndexOf(site);
        return new User(((long)draws.Between(1_000_000, 90_000_000) * SiteTable.All.Count) + index);
    }
}
