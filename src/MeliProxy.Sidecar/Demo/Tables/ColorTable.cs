using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Tables;

/// <summary>The colours of products.</summary>
internal static class ColorTable
{
    public static IReadOnlyList<Color> All { get; } =
    [
        new("52049", "Negro", "Preto"),
        new("52055", "Blanco", "Branco"),
        new("52028", "Azul", "Azul"),
        new("51993", "Rojo", "Vermelho"),
        new("52014", "Verde", "Verde"),
        new("283165", "Gris", "Cinza"),
        new("52053", "Plateado", "Prateado"),
        new("51994", "Rosa", "Rosa"),
    ];
}
