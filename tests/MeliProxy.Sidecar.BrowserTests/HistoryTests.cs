using System.Text.RegularExpressions;
using MeliProxy.Sidecar.BrowserTests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MeliProxy.Sidecar.BrowserTests;

/// <summary>What the page shows of the past and of traffic, from the usage store.</summary>
public sealed class HistoryTests(ChromiumBrowser browser)
{
    private const string Rules = """[ { "name": "per-ip", "key": ["client-ip"], "limit": 3, "window": "1h" } ]""";

    /// <summary>The store takes a snapshot each second, and the page looks now and then.</summary>
    [Fact]
    public async Task The_usage_of_a_rule_is_drawn_and_told_as_a_table()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        for (int i = 0; i < 10; i++)
        {
            await sidecar.SendAsync("/sites");
        }

        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/per-ip");
        ILocator part = console.Part("Usage");
        await part.GetByRole(AriaRole.Button, new() { Name = "15 min" }).ClickAsync();

        await Expect(part.Locator("path.area.c-limited")).ToHaveCountAsync(1);
        await part.GetByText("As a table").ClickAsync();
        await Expect(part.GetByRole(AriaRole.Columnheader, new() { Name = "limited (req/s)" })).ToBeVisibleAsync();
        await Expect(part.Locator("tbody tr")).Not.ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_page_that_is_just_opened_has_the_last_minute()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await sidecar.SendAsync("/sites");
        await using OpenConsole first = await browser.OpenAsync(sidecar, "#/rules/per-ip");

        // Until the request is in the store, and for more than two seconds, in which it is not yet counted as settled.
        await WaitForStoredAsync(first);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/per-ip");

        // A page that knew only what it has seen itself would draw nothing, as nobody asks for anything any more.
        await Expect(console.Part("Usage").Locator("path.area.c-allowed")).ToHaveCountAsync(1);
        Assert.Empty(console.Complaints);
    }

    [Fact]
    public async Task Neither_the_time_before_the_first_request_nor_the_unfinished_step_is_drawn_as_nothing()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await sidecar.SendAsync("/sites");
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/per-ip");
        ILocator part = console.Part("Usage");
        await WaitForStoredAsync(console);

        // A minute of one-second steps since the request would be sixty points; of 15 minutes in steps of 5 seconds, 180.
        ILocator slider = part.GetByRole(AriaRole.Slider);
        int points = int.Parse((await slider.GetAttributeAsync("aria-valuemax"))!, System.Globalization.CultureInfo.InvariantCulture) + 1;
        Assert.InRange(points, 1, 100);
        await Expect(part.Locator("path.edge.c-allowed")).ToHaveAttributeAsync("d", new Regex("^M"));
    }

    /// <summary>Looks back over 15 minutes until a step with the request is over and drawn.</summary>
    private static async Task WaitForStoredAsync(OpenConsole console)
    {
        ILocator part = console.Part("Usage");
        await part.GetByRole(AriaRole.Button, new() { Name = "15 min" }).ClickAsync();
        await Expect(part.Locator("path.area.c-allowed")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task Traffic_is_told_by_route_and_class_with_its_times()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        for (int i = 0; i < 10; i++)
        {
            await sidecar.SendAsync("/sites");
        }

        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/traffic");
        ILocator passed = console.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "2xx" });
        ILocator rejected = console.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "4xx" });

        await Expect(passed).ToHaveCountAsync(1);
        await Expect(rejected).ToHaveCountAsync(1);
        await Expect(passed).ToContainTextAsync(new Regex("(ms|µs)"));

        // The chart has steps that are over only.
        await Expect(console.Page.GetByRole(AriaRole.Slider)).ToHaveAttributeAsync(
            "aria-valuetext", new Regex("2xx .* req/s, 4xx .* req/s"));
        Assert.Empty(console.Complaints);
    }

    [Fact]
    public async Task Without_a_store_it_says_so_and_the_last_minute_is_there_all_the_same()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules, hasStore: false);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/per-ip");
        ILocator part = console.Part("Usage");

        await part.GetByRole(AriaRole.Button, new() { Name = "1 hour" }).ClickAsync();
        await Expect(part).ToContainTextAsync("usage.store");
        await Expect(part).Not.ToContainTextAsync("$");
        await part.GetByRole(AriaRole.Button, new() { Name = "1 min" }).ClickAsync();
        await Expect(part.GetByRole(AriaRole.Slider)).ToBeVisibleAsync();
    }
}
