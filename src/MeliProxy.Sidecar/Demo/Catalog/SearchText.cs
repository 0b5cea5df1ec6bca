using System.Text;

namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>Text without case and accents, for comparing and for links.</summary>
internal static class SearchText
{
    public static string Fold(string text) => string.Create(text.Length, text, static (folded, source) =>
    {
        for (int i = 0; i < folded.Length; i++)
        {
            folded[i] = Fold(char.ToLowerInvariant(source[i]));
        }
    });

    /// <summary>The words of a text joined by hyphens, as they stand in a link.</summary>
    public static string Slug(string text)
    {
        StringBuilder slug = new(text.Length);
        foreach (char letter in Fold(text))
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                slug.Append(letter);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return slug.ToString().TrimEnd('-');
    }

    private static char Fold(char letter) => letter switch
    {
        'á' or 'à' or 'â' or 'ã' => 'a',
        'é' or 'ê' => 'e',
        'í' => 'i',
        'ó' or 'ô' or 'õ' => 'o',
        'ú' or 'ü' => 'u',
        'ñ' => 'n',
        'ç' => 'c',
        _ => letter,
    };
}
