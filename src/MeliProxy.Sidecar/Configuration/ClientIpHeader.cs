namespace MeliProxy.Sidecar.Configuration;

/// <summary>The header in which trusted proxies name the client.</summary>
internal enum ClientIpHeader
{
    /// <summary><c>X-Forwarded-For</c> if there is one, else <c>Forwarded</c>. In configuration: <c>auto</c>.</summary>
    Auto,

    /// <summary>In configuration: <c>x-forwarded-for</c>.</summary>
    XForwardedFor,

    /// <summary>In configuration: <c>forwarded</c>.</summary>
    Forwarded,
}
