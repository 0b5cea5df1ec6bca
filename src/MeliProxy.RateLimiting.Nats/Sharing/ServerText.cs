namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Servers as a log may show them, which is without credentials.</summary>
internal static class ServerText
{
    private const string Unreadable = "the configured servers";

    /// <summary>Shows a list of URLs as the client takes it.</summary>
    public static string Of(string urls)
    {
        List<string> servers = [];
        foreach (string part in urls.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string url = part.Contains("://", StringComparison.Ordinal) ? part : $"nats://{part}";
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0)
            {
                return Unreadable;
            }

            servers.Add($"{uri.Scheme}://{uri.Host}:{(uri.Port < 0 ? 4222 : uri.Port)}");
        }

        // A comma within a password would show half of it as a host.
        bool isTorn = urls.Contains('@', StringComparison.Ordinal) && urls.Contains(',', StringComparison.Ordinal)
            && urls.Split(',').Any(part => !part.Contains("://", StringComparison.Ordinal) || !part.Contains('@', StringComparison.Ordinal));
        return isTorn || servers.Count == 0 ? Unreadable : string.Join(", ", servers);
    }
}
