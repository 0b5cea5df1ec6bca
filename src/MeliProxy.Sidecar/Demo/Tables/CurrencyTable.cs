using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Tables;

/// <summary>The currencies that prices may be in.</summary>
internal static class CurrencyTable
{
    private static readonly Currency[] Currencies =
    [
        new("ARS", "$", "Peso argentino", 2),
        new("BOB", "Bs", "Boliviano", 2),
        new("BRL", "R$", "Real", 2),
        new("CLF", "UF", "Unidad de Fomento", 2),
        new("CLP", "$", "Peso Chileno", 0),
        new("COP", "$", "Peso colombiano", 0),
        new("CRC", "¢", "Colones", 2),
        new("CUC", "CUC", "Peso Cubano Convertible", 2),
        new("DOP", "$", "Peso Dominicano", 2),
        new("EUR", "€", "Euro", 2),
        new("GTQ", "Q", "Quetzal Guatemalteco", 2),
        new("HNL", "L", "Lempira", 2),
        new("MXN", "$", "Peso Mexicano", 2),
        new("NIO", "C$", "Córdoba", 2),
        new("PAB", "B/.", "Balboa", 2),
        new("PEN", "S/", "Soles", 2),
        new("PYG", "₲", "Guaraní", 0),
        new("USD", "U$S", "Dólar", 2),
        new("UYU", "$", "Peso Uruguayo", 2),
        new("VEF", "Bs.", "Bolivar fuerte", 2),
        new("VES", "Bs.", "Bolivar Soberano", 2),
    ];

    public static IReadOnlyList<Currency> All => Currencies;

    public static Currency? Find(string id) => Array.Find(Currencies, currency => currency.Id == id);
}
