using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace MeliProxy.Sidecar.Commands;

/// <summary>A request made up from what the command line says, in the form in which the server would hand it on.</summary>
internal static class SampleRequest
{
    public static bool TryCreate(
        string method,
        string url,
        IReadOnlyList<string> headers,
        string from,
        [NotNullWhen(true)] out HttpContext? request,
        [NotNullWhen(false)] out string? error)
    {
        request = null;
        error = null;
        string absolute = url.StartsWith('/') ? $"http://localhost{url}" : url;
        if (!Uri.TryCreate(absolute, UriKind.Absolute, out Uri? target) || target.Scheme is not ("http" or "https"))
        {
            error = $"'{url}' is no URL such as http://localhost/items/1, and no path such as /items/1";
            return false;
        }

        if (!IPAddress.TryParse(from, out IPAddress? address))
        {
            error = $"--from takes an IP address, and '{from}' is none";
            return false;
        }

        DefaultHttpContext context = new();
        context.Request.Method = method;
        context.Request.Scheme = target.Scheme;
        context.Request.Host = HostString.FromUriComponent(target);
        context.Request.Path = PathString.FromUriComponent(target);
        context.Request.QueryString = QueryString.FromUriComponent(target);
        context.Connection.RemoteIpAddress = address;
        foreach (string header in headers)
        {
            int colon = header.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
            {
                error = $"a header is written 'Name: value', and '{header}' is not";
                return false;
            }

            context.Request.Headers.Append(header[..colon].Trim(), header[(colon + 1)..].Trim());
        }

        request = context;
        return true;
    }
}
