using System.Buffers;

namespace MeliProxy.RateLimiting.AspNetCore.Matching;

/// <summary>The <c>token</c> of RFC 9110, section 5.6.2: what methods, header names and cookie names are made of.</summary>
internal static class HttpToken
{
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsValid(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Characters);
}
