using System.Diagnostics.CodeAnalysis;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <summary>A kind of URL that a setting takes.</summary>
/// <param name="Example">Shown in errors.</param>
/// <param name="AllowsUser">Whether it may hold a user and password.</param>
/// <param name="AllowsPath">Whether it may hold a path.</param>
/// <param name="Schemes">What it may begin with.</param>
internal sealed record UrlForm(string Example, bool AllowsUser, bool AllowsPath, params string[] Schemes)
{
    public static UrlForm Web { get; } = new("https://api.example.com", false, true, "http", "https");

    public static UrlForm Nats { get; } = new("nats://127.0.0.1:4222", true, false, "nats", "tls");

    public bool TryParse(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (text.AsSpan().ContainsAny(' ', '\\') || !Uri.TryCreate(text, UriKind.Absolute, out url)
            || !Schemes.Contains(url.Scheme) || url.Host.Length == 0)
        {
            url = null;
            error = $"{Quote(text)} must be an absolute {string.Join(" or ", Schemes.Select(s => $"{s}://"))} URL such as \"{Example}\"";
            return false;
        }

        if (!AllowsUser && url.UserInfo.Length > 0)
        {
            error = "must not hold a user or password";
        }
        else if (text.AsSpan().ContainsAny('?', '#'))
        {
            error = "must not have a query or fragment";
        }
        else if (!AllowsPath && url.AbsolutePath is not ("" or "/"))
        {
            error = "must not have a path";
        }

        if (error is not null)
        {
            url = null;
            return false;
        }

        return true;
    }

    /// <summary>Repeats a text in an error, unless it may hold a password.</summary>
    public static string Quote(string text) => text.AsSpan().ContainsAny('@', '?') ? "it" : $"'{text}'";
}
