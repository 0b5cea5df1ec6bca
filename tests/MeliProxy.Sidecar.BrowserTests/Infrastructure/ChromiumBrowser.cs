using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(MeliProxy.Sidecar.BrowserTests.Infrastructure.ChromiumBrowser))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace MeliProxy.Sidecar.BrowserTests.Infrastructure;

/// <summary>The system's Chromium, started once for all tests. Without one, tests are skipped.</summary>
public sealed class ChromiumBrowser : IAsyncLifetime
{
    private const string Path = "/usr/bin/chromium";

    private IPlaywright? _driver;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        if (File.Exists(Path))
        {
            _driver = await Playwright.CreateAsync();

            // Waits end as soon as what they wait for is so; only a busy machine takes long.
            Assertions.SetDefaultExpectTimeout(30_000);

            // A container's root has no sandbox, and its shared memory is small. What the tests show is theirs.
            _browser = await _driver.Chromium.LaunchAsync(
                new() { ExecutablePath = Path, Args = ["--no-sandbox", "--disable-dev-shm-usage"] });
        }
    }

    /// <summary>Opens the console of a sidecar in a browser of its own, as far as it can tell.</summary>
    /// <param name="sidecar">The sidecar.</param>
    /// <param name="place">What follows the address, such as <c>#/keys</c>.</param>
    /// <param name="width">The width of the window.</param>
    /// <param name="height">Its height.</param>
    /// <param name="isDark">Whether the system prefers dark colours.</param>
    public async Task<OpenConsole> OpenAsync(
        ConsoleSidecar sidecar, string place = "", int width = 1280, int height = 800, bool isDark = false)
    {
        Assert.SkipWhen(_browser is null, "chromium is not installed");
        IBrowserContext context = await _browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = height },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            Locale = "en-US",
            TimezoneId = "America/Argentina/Buenos_Aires",
        });
        OpenConsole console = new(context, await context.NewPageAsync());
        await console.Page.GotoAsync($"{sidecar.AdminAddress}{place}");
        return console;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _driver?.Dispose();
    }
}
