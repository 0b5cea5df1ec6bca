using System.Net;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Tests;

/// <summary>Makes requests to test with.</summary>
internal static class Requests
{
    public static HttpContext From(string? peer, params (string Name, string[] Values)[] headers)
    {
        DefaultHttpContext context = new();
        context.Connection.RemoteIpAddress = peer is null ? null : IPAddress.Parse(peer);
        foreach ((string name, string[] values) in headers)
        {
            context.Request.Headers[name] = values;
        }

        return context;
    }

    public static HttpContext To(string method, string path, string? host = null)
    {
        DefaultHttpContext context = new();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Request.Headers.Host = host;
        return context;
    }
}
