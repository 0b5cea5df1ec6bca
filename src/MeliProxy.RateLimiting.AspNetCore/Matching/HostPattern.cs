using System.Diagnostics.CodeAnalysis;

namespace MeliProxy.RateLimiting.AspNetCore.Matching;

/// <summary>A host in a rule: <c>api.example.com</c>, or <c>*.example.com</c> for every name below <c>example.com</c>.</summary>
internal sealed class HostPattern
{
    private readonly string _text;
    private readonly bool _isWildcard;

    /// <param name="text">The host, or with a wildcard what follows the star, dot included.</param>
    /// <param name="isWildcard">Whether there was a star.</param>
    private HostPattern(string text, bool isWildcard)
    {
        _text = text;
        _isWildcard = isWildcard;
    }

    public static bool TryParse(
        string text, [NotNullWhen(true)] out HostPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        bool isWildcard = text.StartsWith("*.", StringComparison.Ordinal);
        ReadOnlySpan<char> name = isWildcard ? text.AsSpan(2) : text;
        bool isValid = HostName.IsValid(name) && !(isWildcard && name.StartsWith('['));
        pattern = isValid ? new HostPattern(isWildcard ? text[1..] : text, isWildcard) : null;
        error = isValid
            ? null
            : $"'{text}' is no host; write 'api.example.com', '*.example.com' or '[2001:db8::1]', without scheme and port, and other than "
                + "ASCII letters in punycode";
        return isValid;
    }

    /// <summary>Whether a host without port fits.</summary>
    public bool IsMatch(ReadOnlySpan<char> host) => _isWildcard
        ? host.Length > _text.Length && host.EndsWith(_text, StringComparison.OrdinalIgnoreCase)
        : host.Equals(_text, StringComparison.OrdinalIgnoreCase);
}
