using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Tables;

/// <summary>The marketplaces.</summary>
internal static class SiteTable
{
    private static readonly Site[] Sites =
    [
        new("MLA", "Argentina", "AR", "ARS", 1400, "mercadolibre.com.ar", "GMT-03:00"),
        new("MLB", "Brasil", "BR", "BRL", 5.4m, "mercadolivre.com.br", "GMT-03:00"),
        new("MLM", "Mexico", "MX", "MXN", 18.5m, "mercadolibre.com.mx", "GMT-06:00"),
        new("MLC", "Chile", "CL", "CLP", 950, "mercadolibre.cl", "GMT-03:00"),
        new("MCO", "Colombia", "CO", "COP", 4000, "mercadolibre.com.co", "GMT-05:00"),
        new("MLU", "Uruguay", "UY", "UYU", 40, "mercadolibre.com.uy", "GMT-03:00"),
        new("MPE", "Perú", "PE", "PEN", 3.6m, "mercadolibre.com.pe", "GMT-05:00"),
        new("MLV", "Venezuela", "VE", "VES", 180, "mercadolibre.com.ve", "GMT-04:00"),
        new("MEC", "Ecuador", "EC", "USD", 1, "mercadolibre.com.ec", "GMT-05:00"),
        new("MBO", "Bolivia", "BO", "BOB", 6.9m, "mercadolibre.com.bo", "GMT-04:00"),
        new("MCR", "Costa Rica", "CR", "CRC", 510, "mercadolibre.co.cr", "GMT-06:00"),
        new("MRD", "Dominicana", "DO", "DOP", 62, "mercadolibre.com.do", "GMT-04:00"),
        new("MPA", "Panamá", "PA", "PAB", 1, "mercadolibre.com.pa", "GMT-05:00"),
        new("MPY", "Paraguay", "PY", "PYG", 7300, "mercadolibre.com.py", "GMT-03:00"),
        new("MGT", "Guatemala", "GT", "GTQ", 7.7m, "mercadolibre.com.gt", "GMT-06:00"),
        new("MHN", "Honduras", "HN", "HNL", 26, "mercadolibre.com.hn", "GMT-06:00"),
        new("MNI", "Nicaragua", "NI", "NIO", 36.8m, "mercadolibre.com.ni", "GMT-06:00"),
        new("MSV", "El Salvador", "SV", "USD", 1, "mercadolibre.com.sv", "GMT-06:00"),
    ];

    public static IReadOnlyList<Site> All => Sites;

    /// <summary>The site with this id, in capitals as the API wants it.</summary>
    public static Site? Find(string id) => Array.Find(Sites, site => site.Id == id);

    public static int IndexOf(Site site) => Array.IndexOf(Sites, site);
}
