using System.Security.Cryptography;
using System.Text;
using MeliProxy.Sidecar.Http;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.Sidecar.Admin;

/// <summary>Asks for the token of <c>admin.token</c> (RFC 6750), except from health probes.</summary>
internal sealed class BearerToken
{
    private const string Scheme = "Bearer ";

    private readonly byte[] _hash;

    public BearerToken(string token) => _hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));

    public Task RequireAsync(HttpContext context, RequestDelegate next)
    {
        if (HealthEndpoints.IsProbe(context.Request.Path) || IsPresent(context.Request.Headers.Authorization))
        {
            return next(context);
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problem.WriteAsync(
            context, StatusCodes.Status401Unauthorized, "Not authorized", "Send the admin token as 'Authorization: Bearer TOKEN'.");
    }

    private bool IsPresent(StringValues authorization)
    {
        if (authorization.Count != 1 || authorization[0] is not { } header
            || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        // Hashes have one length, so the time of the comparison tells nothing about the token's.
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..]));
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }
}
