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
    private static readonly LocatorAssertionsToHaveCountOptions Patiently = new() { Timeout = 30_000 };

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

        await Expect(part.Locator("path.area.c-limited")).ToHaveCountAsync(1, Patiently);
        await part.GetByText("As a table").ClickAsync();
        await Expect(part.GetByRole(AriaRole.Columnheader, new() { Name = "limited (req/s)" })).ToBeVisibleAsync();
        await Expect(part.Locator("tbody tr")).Not.ToHaveCountAsync(0);
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

        await Expect(passed).ToHaveCountAsync(1, Patiently);
        await Expect(rejected).ToHaveCountAsync(1, Patiently);
        await Expect(passed).ToContainTextAsync(new Regex("(ms|µs)"));
        await Expect(console.Page.GetByRole(AriaRole.Slider)).ToHaveAttributeAsync("aria-valuetext", new Regex("2xx .* req/s, 4xx .* req/s"));
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
        await part.GetByRole(AriaRole.Button, new() { Name = "1 min" }).ClickAsync();
        await Expect(part.GetByRole(AriaRole.Slider)).ToBeVisibleAsync();
    }
}
