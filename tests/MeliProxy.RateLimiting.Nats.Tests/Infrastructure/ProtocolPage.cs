namespace MeliProxy.RateLimiting.Nats.Tests.Infrastructure;

/// <summary>The page of the documentation that says how members talk.</summary>
internal static class ProtocolPage
{
    private const string Begin = "```\n# nats-server";

    /// <summary>The configuration of a server that it shows.</summary>
    public static async Task<string> ConfigurationAsync()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MeliProxy.sln")))
        {
            folder = folder.Parent;
        }

        string page = await File.ReadAllTextAsync(Path.Combine(folder!.FullName, "docs", "protocol.md"));
        int start = page.IndexOf(Begin, StringComparison.Ordinal) + "```\n".Length;
        return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
