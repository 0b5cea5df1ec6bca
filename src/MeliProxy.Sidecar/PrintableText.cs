namespace MeliProxy.Sidecar;

/// <summary>Text from files and requests on its way to a terminal.</summary>
internal static class PrintableText
{
    /// <summary>Replaces control characters, so that the text can neither move the cursor nor begin a line of its own.</summary>
    public static string Of(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
