using System.Collections.Frozen;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>The header fields that are of one connection only, or that YARP keeps to itself for other reasons, in either direction.</summary>
internal static class HopByHop
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection",
        "Transfer-Encoding",
        "Keep-Alive",
        "Upgrade",
        "Proxy-Connection",
        "Proxy-Authenticate",
        "Proxy-Authentication-Info",
        "Proxy-Authorization",
        "Proxy-Features",
        "Proxy-Instruction",
        "Security-Scheme",
        "ALPN",
        "Close",
        "HTTP2-Settings",
        "Upgrade-Insecure-Requests",
        "TE",
        "Alt-Svc");

    public static bool Contains(string name) => Names.Contains(name);
}
