namespace MeliProxy.RateLimiting.AspNetCore.ClientAddress;

/// <summary>The request header in which trusted proxies name the client.</summary>
public enum ForwardedHeader
{
    /// <summary><c>X-Forwarded-For</c> if the request has it, else <c>Forwarded</c>.</summary>
    Auto,

    /// <summary><c>X-Forwarded-For</c> only.</summary>
    XForwardedFor,

    /// <summary><c>Forwarded</c> of RFC 7239 only.</summary>
    Forwarded,
}
