namespace MeliProxy.Sidecar.Demo.Tables;

/// <summary>The halves that sellers' nicknames are made of.</summary>
internal static class NicknameTable
{
    public static IReadOnlyList<string> First { get; } =
    [
        "TECNO", "MUNDO", "CASA", "ELECTRO", "SUPER", "CENTRO", "PUNTO", "OFERTAS", "IMPORT", "NUEVO", "TIENDA", "SUR",
        "NORTE", "MAXI", "GLOBAL", "DIGITAL",
    ];

    public static IReadOnlyList<string> Second { get; } =
    [
        "SHOP", "STORE", "HOGAR", "VENTAS", "MARKET", "EXPRESS", "GAMER", "CELULARES", "ONLINE", "OUTLET", "BAZAR", "AUDIO",
        "DEPORTES", "HERRAMIENTAS", "LIBROS", "REPUESTOS",
    ];
}
