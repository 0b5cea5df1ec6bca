using MeliProxy.Sidecar.BrowserTests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MeliProxy.Sidecar.BrowserTests;

/// <summary>
/// Makes the pictures of docs/images, which takes about a minute and a half:
/// <c>MELIPROXY_SCREENSHOTS=$PWD/docs/images dotnet test tests/MeliProxy.Sidecar.BrowserTests -c Release --filter Screenshots</c>.
/// </summary>
public sealed class Screenshots(ChromiumBrowser browser)
{
    private const string Rules = """
        [ { "name": "per-ip",   "key": ["client-ip"], "limit": 100, "window": "1s", "burst": 200 },
          { "name": "per-path", "key": ["path"], "limit": 1000, "window": "1s" },
          { "name": "searches", "match": { "path": "/sites/{site}/search", "methods": ["GET"] }, "key": ["client-ip", "path"], "limit": 5, "window": "10s" },
          { "name": "categories", "match": { "path": "/categories/{**rest}", "methods": ["GET"] }, "key": ["client-ip"], "limit": 40, "window": "10s" },
          { "name": "app-day", "key": ["header:X-Api-Key"], "limit": 1000000, "window": "1d", "algorithm": "fixed-window" },
          { "name": "tighter-per-ip", "key": ["client-ip"], "limit": 5, "window": "1s", "mode": "shadow" },
          { "name": "uploads", "match": { "methods": ["POST", "PUT"] }, "key": ["client-ip"], "limit": 20, "algorithm": "concurrency" } ]
        """;

    private static readonly string[] Paths = ["/categories/MLA97994", "/items/MLA1", "/sites/MLA/search?q=mate", "/users/1", "/currencies", "/items/MLB7"];

    private static string? Folder => Environment.GetEnvironmentVariable("MELIPROXY_SCREENSHOTS");

    [Fact]
    public async Task The_pictures_of_the_docs_are_made()
    {
        Assert.SkipWhen(Folder is null, "MELIPROXY_SCREENSHOTS does not say where to");
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules, settings: """
            "sharing": { "node": "shop-17" },
            "overrides": [ { "rule": "per-ip", "key": ["203.0.113.9"], "limit": 0, "expiresAt": "2099-01-01T12:00:00Z" },
                           { "rule": "per-ip", "key": ["198.51.100.20"], "limit": 500 } ]
            """);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task traffic = SendTrafficAsync(sidecar, enough.Token);
        await using OpenConsole light = await browser.OpenAsync(sidecar, height: 760);
        await using OpenConsole dark = await browser.OpenAsync(sidecar, height: 760, isDark: true);
        await using OpenConsole phone = await browser.OpenAsync(sidecar, width: 360, height: 760);
        await using OpenConsole rule = await browser.OpenAsync(sidecar, "#/rules/per-ip", height: 1240);
        await Task.Delay(TimeSpan.FromSeconds(75), enough.Token);
        await rule.Sheet.Locator(".chart-frame").HoverAsync();
        await Expect(rule.Sheet.Locator(".tip")).ToBeVisibleAsync();
        foreach ((string name, IPage page) in new[] { ("light", light.Page), ("dark", dark.Page), ("phone", phone.Page), ("rule", rule.Page) })
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(Folder, $"console-{name}.png") });
        }

        await enough.CancelAsync();
        await traffic;
    }

    private static async Task SendTrafficAsync(ConsoleSidecar sidecar, CancellationToken cancellationToken)
    {
        Random random = new(17);
        for (int turn = 0; !cancellationToken.IsCancellationRequested; turn++)
        {
            int requests = 5 + (int)(4 * Math.Sin(turn / 12.0)) + random.Next(4);
            for (int i = 0; i < requests; i++)
            {
                // A few clients ask for much, and many for little.
                await sidecar.SendAsync(Paths[random.Next(Paths.Length)], $"203.0.113.{1 + (int)(Math.Pow(random.NextDouble(), 3) * 12)}");
            }

            await Task.Delay(150, CancellationToken.None);
        }
    }
}
