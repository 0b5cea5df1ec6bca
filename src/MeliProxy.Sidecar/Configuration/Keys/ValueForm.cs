using System.Globalization;

namespace MeliProxy.Sidecar.Configuration.Keys;

/// <summary>What the text of a value in a <c>ReverseProxy</c> section has to look like, so that YARP can read it.</summary>
/// <param name="Expectation">In words, after "must be".</param>
/// <param name="Accepts">Whether a text is right.</param>
internal sealed record ValueForm(string Expectation, Func<string, bool> Accepts)
{
    public static ValueForm Boolean { get; } = new("true or false", text => bool.TryParse(text, out _));

    public static ValueForm Integer { get; } = new(
        "a whole number", text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));

    public static ValueForm LongInteger { get; } = new(
        "a whole number", text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));

    public static ValueForm TimeSpan { get; } = new(
        "a time such as \"00:01:30\"", text => System.TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out _));

    public static ValueForm HttpVersion { get; } = new(
        "an HTTP version such as \"2\" or \"1.1\"", text => text is "1.0" or "1.1" or "1" or "2" or "2.0" or "3" or "3.0");

    public static ValueForm WebAddress { get; } = new("an absolute http:// or https:// URL without user name and password", text => IsUrl(text, "http", "https"));

    public static ValueForm ProxyAddress { get; } = new(
        "an absolute URL such as \"http://proxy:3128\", without user name and password", text => IsUrl(text, "http", "https", "socks4", "socks4a", "socks5"));

    public static ValueForm OneOf(params string[] words) => new(
        $"one of {string.Join(", ", words)}", text => words.Contains(text, StringComparer.OrdinalIgnoreCase));

    /// <summary>A user name and password in a URL would end up in logs and answers.</summary>
    private static bool IsUrl(string text, params string[] schemes) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && schemes.Contains(url.Scheme) && url.Host.Length > 0 && url.UserInfo.Length == 0;
}
