using System.Security.Cryptography;
using System.Text;
using MeliProxy.Sidecar.Admin.Console;
using MeliProxy.Sidecar.Http;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.Sidecar.Admin;

/// <summary>
/// Asks for one of the tokens of <c>admin.token</c> and <c>admin.tokens</c> (RFC 6750), except from health probes and for the files of the
/// console page: they hold no data, and a browser loads them before the page can ask its user for a token.
/// </summary>
internal sealed class BearerToken
{
    private const string Scheme = "Bearer ";

    private readonly (string Name, byte[] Hash)[] _tokens;

    /// <param name="tokens">The tokens by their names.</param>
    public BearerToken(IReadOnlyDictionary<string, string> tokens) =>
        _tokens = [.. tokens.Select(token => (token.Key, SHA256.HashData(Encoding.UTF8.GetBytes(token.Value))))];

    public Task RequireAsync(HttpContext context, RequestDelegate next)
    {
        if (HealthEndpoints.IsProbe(context.Request.Path) || ConsoleEndpoints.IsFile(context.Request))
        {
            return next(context);
        }

        if (Find(context.Request.Headers.Authorization) is { } name)
        {
            context.Features.Set(new OperatorFeature(name));
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem.WriteAsync(
            context, StatusCodes.Status401Unauthorized, "Not authorized", "Send an admin token as 'Authorization: Bearer TOKEN'.");
    }

    /// <summary>The name of the token that is shown, if it is one.</summary>
    private string? Find(StringValues authorization)
    {
        if (authorization.Count != 1 || authorization[0] is not { } header
            || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        // Hashes have one length, and all are compared, so the time it takes tells nothing about a token.
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..]));
        string? found = null;
        foreach ((string name, byte[] known) in _tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, known))
            {
                found = name;
            }
        }

        return found;
    }
}
