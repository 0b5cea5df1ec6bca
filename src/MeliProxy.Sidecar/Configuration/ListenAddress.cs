using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>An address to listen on.</summary>
/// <param name="IsHttps">Whether connections are encrypted.</param>
/// <param name="Host">The text of an IP address without brackets, <c>localhost</c>, or <c>*</c> for every address.</param>
/// <param name="Port">0 lets the system choose one.</param>
internal sealed record ListenAddress(bool IsHttps, string Host, int Port)
{
    public const string Localhost = "localhost";

    public const string Any = "*";

    private const string Form =
        "must be http:// or https:// with an IP address, localhost or *, and a port, such as \"http://127.0.0.1:8080\"";

    /// <summary>Whether only this machine can connect.</summary>
    public bool IsLoopback => Host == Localhost || (Host != Any && IPAddress.IsLoopback(Unmapped(IPAddress.Parse(Host))));

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(IsHttps ? "https" : "http")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>Reads a URL such as <c>http://127.0.0.1:8080</c>; without a port it is 80 or 443.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out ListenAddress? address, [NotNullWhen(false)] out string? error)
    {
        address = null;
        error = Form;
        bool isHttps = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        ReadOnlySpan<char> authority = text.AsSpan(isHttps ? 8 : 7);
        if (authority.EndsWith("/"))
        {
            authority = authority[..^1];
        }

        if (authority.ContainsAny("/?#@\\"))
        {
            error = $"{Form}; it has no path, query, fragment or user";
            return false;
        }

        int hostEnd = authority.StartsWith("[") ? authority.IndexOf(']') + 1 : authority.LastIndexOf(':');
        if (hostEnd < 0 || (hostEnd == 0 && authority.StartsWith("[")))
        {
            hostEnd = authority.Length;
        }

        int port = isHttps ? 443 : 80;
        if (hostEnd < authority.Length && !TryParsePort(authority[hostEnd..], out port))
        {
            error = $"{Form}; the port is a number from 0 to 65535";
            return false;
        }

        if (ReadHost(authority[..hostEnd]) is not { } host)
        {
            error = $"{Form}; a name cannot be listened on";
            return false;
        }

        if (host == Localhost && port == 0)
        {
            error = "localhost is two addresses, which cannot share a port chosen by the system; use 127.0.0.1 or [::1] with port 0";
            return false;
        }

        address = new ListenAddress(isHttps, host, port);
        error = null;
        return true;
    }

    /// <summary>Whether two listeners would want the same address and port.</summary>
    public bool Overlaps(ListenAddress other) => Port != 0 && Port == other.Port && (Covers(other) || other.Covers(this));

    private bool Covers(ListenAddress other)
    {
        if (Host == other.Host || Host == Any || Host == "::")
        {
            return true;
        }

        return Host switch
        {
            Localhost => other.Host is "127.0.0.1" or "::1",
            "0.0.0.0" => other.Host == Localhost || (other.Host != Any && !other.Host.Contains(':', StringComparison.Ordinal)),
            _ => false,
        };
    }

    private static bool TryParsePort(ReadOnlySpan<char> text, out int port)
    {
        port = 0;
        return text is [':', .. var digits]
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port <= IPEndPoint.MaxPort;
    }

    private static string? ReadHost(ReadOnlySpan<char> host)
    {
        if (host is ['[', .. var literal, ']'])
        {
            return IPText.TryParse(literal, out IPAddress? v6) && literal.Contains(':') ? v6.ToString() : null;
        }

        if (host is Any)
        {
            return Any;
        }

        if (host.Equals(Localhost, StringComparison.OrdinalIgnoreCase))
        {
            return Localhost;
        }

        return IPText.TryParse(host, out IPAddress? v4) && !host.Contains(':') ? v4.ToString() : null;
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
