using System.Net;
using MeliProxy.Sidecar.Admin.Console;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Http;

namespace MeliProxy.Sidecar.Admin;

/// <summary>Keeps pages of other sites, which a browser on the same machine may have open, from using the admin listener.</summary>
/// <remarks>
/// A page can make a browser send requests to 127.0.0.1, and a name that it owns can be made to mean 127.0.0.1 after it was loaded. What tells
/// them is the header <c>Sec-Fetch-Site</c> of the first and the <c>Host</c> of the second; what asks for a token needs no look at the second.
/// </remarks>
internal sealed class BrowserGuard(AdminConfiguration configuration)
{
    private readonly bool _checksHost = configuration is { Tokens.Count: 0, ClientCertificateAuthority: null, AllowAnonymous: false };

    public Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none")
            && !ConsoleEndpoints.IsVisit(context.Request))
        {
            return Refuse(context, "This is for operators, and for no page of another site.");
        }

        if (_checksHost && !IsThisMachine(context.Request.Host.Host))
        {
            return Refuse(context, "Without a token, the admin listener is asked by an IP address or as localhost, and by no other name.");
        }

        return next(context);
    }

    private static bool IsThisMachine(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Trim('[', ']'), out _);

    private static Task Refuse(HttpContext context, string detail) =>
        Problem.WriteAsync(context, StatusCodes.Status403Forbidden, "Forbidden", detail);
}
