using System.Net;
using MeliProxy.Sidecar.BrowserTests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MeliProxy.Sidecar.BrowserTests;

/// <summary>The page as such: how it loads, looks, is walked through and survives.</summary>
public sealed class PageTests(ChromiumBrowser browser)
{
    private const string Rules = """
        [ { "name": "per-ip", "key": ["client-ip"], "limit": 100, "window": "1s", "burst": 200 },
          { "name": "tried-out", "key": ["path"], "limit": 1000, "window": "1m", "mode": "shadow" } ]
        """;

    private static readonly string[] Views = ["Rules", "Top keys", "Traffic", "Upstreams", "Nodes"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_loads_without_complaint_and_asks_nobody_but_its_sidecar()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar);

        await Expect(console.Rule("per-ip")).ToContainTextAsync("100 / 1s");
        foreach (string view in Views)
        {
            await console.Page.GetByRole(AriaRole.Link, new() { Name = view, Exact = true }).ClickAsync();
            await Expect(console.Page.GetByRole(AriaRole.Region, new() { Name = view, Exact = true })).ToBeVisibleAsync();
        }

        Assert.Empty(console.Complaints);
        Assert.All(console.Requests, address => Assert.StartsWith(sidecar.AdminAddress.ToString(), address, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_headers_let_nothing_in_from_elsewhere_and_let_a_browser_keep_it()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync("[]", token: "secret");
        using HttpClient anyone = new() { BaseAddress = sidecar.AdminAddress };

        foreach (string path in new[] { "/", "/console/main.js", "/console/console.css", "/console/console.svg" })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path) { Headers = { { "Accept-Encoding", "gzip" } } };
            using HttpResponseMessage response = await anyone.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            string policy = response.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());

            using HttpRequestMessage again = new(HttpMethod.Get, path) { Headers = { { "Accept-Encoding", "gzip" }, { "If-None-Match", response.Headers.ETag!.Tag } } };
            using HttpResponseMessage unchanged = await anyone.SendAsync(again, Stop);
            Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
        }

        using HttpResponseMessage data = await anyone.GetAsync("/api/v1/rules", Stop);
        Assert.Equal(HttpStatusCode.Unauthorized, data.StatusCode);
    }

    [Theory]
    [InlineData("navigate", "document", "/", HttpStatusCode.OK)]
    [InlineData("navigate", "iframe", "/", HttpStatusCode.Forbidden)]
    [InlineData("navigate", "document", "/api/v1/rules", HttpStatusCode.Forbidden)]
    [InlineData("cors", "empty", "/", HttpStatusCode.Forbidden)]
    public async Task A_link_on_another_site_leads_to_the_page_and_to_nothing_else(string mode, string destination, string path, HttpStatusCode expected)
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync("[]");
        using HttpRequestMessage request = new(HttpMethod.Get, path)
        {
            Headers = { { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Mode", mode }, { "Sec-Fetch-Dest", destination } },
        };

        using HttpResponseMessage response = await sidecar.Admin.SendAsync(request, Stop);

        Assert.Equal(expected, response.StatusCode);
    }

    [Fact]
    public async Task It_asks_for_a_token_until_it_is_right_and_then_keeps_it_for_the_tab()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules, token: "open-sesame");
        await using OpenConsole console = await browser.OpenAsync(sidecar);
        ILocator dialog = console.Page.GetByRole(AriaRole.Dialog);
        ILocator token = dialog.GetByLabel("Token", new() { Exact = true });

        await token.FillAsync("guess");
        await console.Page.Keyboard.PressAsync("Enter");
        await Expect(dialog).ToContainTextAsync("This token is not one that the sidecar knows.");
        await token.FillAsync("open-sesame");
        await console.Page.Keyboard.PressAsync("Enter");
        await Expect(console.Rule("per-ip")).ToBeVisibleAsync();

        await console.Page.ReloadAsync();
        await Expect(console.Rule("per-ip")).ToBeVisibleAsync();
        await Expect(dialog).ToBeHiddenAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("#/rules/per-ip")]
    [InlineData("#/keys")]
    [InlineData("#/traffic")]
    [InlineData("#/upstreams")]
    [InlineData("#/nodes")]
    public async Task A_phone_needs_no_sideways_scrolling(string place)
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await sidecar.SendAsync("/sites/MLA/search?q=" + new string('a', 80));
        await using OpenConsole console = await browser.OpenAsync(sidecar, place, width: 360, height: 740);
        await Expect(console.Page.Locator("#where")).Not.ToHaveTextAsync("connecting…");

        Assert.Equal(360, await console.Page.EvaluateAsync<int>("Math.max(document.documentElement.scrollWidth, document.getElementById('sheet').scrollWidth)"));
    }

    [Fact]
    public async Task Sidecars_are_listed_without_breaks_in_words_and_without_columns_that_say_nothing()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/nodes");
        ILocator heads = console.Page.GetByRole(AriaRole.Columnheader);
        await Expect(heads.Filter(new() { HasText = "Memory" })).ToBeVisibleAsync();

        await Expect(heads.Filter(new() { HasText = "Leases" })).ToHaveCountAsync(0);
        await Expect(console.Page.Locator(".wide td").First).ToHaveCSSAsync("white-space", "nowrap");
        await Expect(console.Page.Locator(".wide .health.healthy").Filter(new() { HasText = "sqlite" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Only_the_sink_that_fails_is_marked_and_what_is_wrong_with_it_is_told()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/nodes");
        await console.Page.RouteAsync("**/api/v1/nodes", route => route.FulfillAsync(new()
        {
            ContentType = "application/json",
            Body = """
                { "answeredBy": "shop-1", "nodes": [ { "node": "shop-1", "version": "1.0.0", "rulesRevision": 1, "shares": true, "connected": true,
                  "sinks": [ { "name": "sqlite", "queued": 0, "dropped": 0, "problem": "the disk is full" },
                             { "name": "influxdb", "queued": 0, "dropped": 0, "problem": null } ] } ] }
                """,
        }));
        ILocator row = console.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "shop-1" });

        await Expect(row.Locator(".unhealthy")).ToHaveTextAsync("sqlite");
        await Expect(row.GetByText("the disk is full")).ToBeVisibleAsync();
        await Expect(row.Locator(".healthy").Filter(new() { HasText = "influxdb" })).ToBeVisibleAsync();
        await Expect(console.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Leases" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task It_is_dark_where_the_system_is_and_can_be_switched_for_good()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar, isDark: true);
        ILocator body = console.Page.Locator("body");
        await Expect(body).ToHaveCSSAsync("background-color", "rgb(17, 20, 26)");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Switch to light colours" }).ClickAsync();
        await Expect(body).ToHaveCSSAsync("background-color", "rgb(245, 246, 248)");
        await console.Page.ReloadAsync();
        await Expect(body).ToHaveCSSAsync("background-color", "rgb(245, 246, 248)");
    }

    [Fact]
    public async Task All_of_it_can_be_done_with_the_keyboard()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar);
        IKeyboard keyboard = console.Page.Keyboard;
        await Expect(console.Rule("per-ip")).ToBeVisibleAsync();

        await keyboard.PressAsync("/");
        await keyboard.TypeAsync("shadow");
        await Expect(console.Rule("per-ip")).ToBeHiddenAsync();
        await Expect(console.Page.GetByText("1 of 2 rules")).ToBeVisibleAsync();
        await keyboard.PressAsync("Escape");
        await Expect(console.Rule("per-ip")).ToBeVisibleAsync();

        ILocator link = console.Page.GetByRole(AriaRole.Link, new() { Name = "per-ip", Exact = true });
        for (int i = 0; i < 10 && !await link.EvaluateAsync<bool>("link => link === document.activeElement"); i++)
        {
            await keyboard.PressAsync("Tab");
        }

        await Expect(link).ToBeFocusedAsync();
        Assert.NotEqual("none", await link.EvaluateAsync<string>("link => getComputedStyle(link).outlineStyle"));
        await keyboard.PressAsync("Enter");
        await Expect(console.Page.GetByRole(AriaRole.Dialog, new() { Name = "per-ip" })).ToBeVisibleAsync();

        ILocator chart = console.Sheet.GetByRole(AriaRole.Slider);
        await Expect(chart).ToHaveAttributeAsync("aria-valuetext", new System.Text.RegularExpressions.Regex("allowed .* req/s"));
        await chart.FocusAsync();
        await keyboard.PressAsync("Home");
        await Expect(chart).ToHaveAttributeAsync("aria-valuenow", "0");

        await keyboard.PressAsync("Escape");
        await Expect(console.Sheet).ToBeHiddenAsync();
        await Expect(link).ToBeFocusedAsync();
    }

    [Fact]
    public async Task When_the_sidecar_is_gone_it_says_so_and_goes_on_when_it_is_back()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar);
        await Expect(console.Rule("per-ip")).ToBeVisibleAsync();

        await sidecar.StopAsync();
        ILocator banner = console.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "The sidecar cannot be reached since" });
        await Expect(banner).ToBeVisibleAsync();
        await Expect(console.Rule("per-ip")).ToBeVisibleAsync();

        await sidecar.StartAsync();
        await Expect(banner).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_page_that_nobody_looks_at_asks_for_nothing_and_never_twice_at_once()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar);
        await Expect(console.Rule("per-ip")).ToBeVisibleAsync();

        // An answer that does not come holds up the next question, however often somebody asks for one.
        TaskCompletionSource<IRoute> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int questions = 0;
        await console.Page.RouteAsync("**/api/v1/usage?*", route =>
        {
            Interlocked.Increment(ref questions);
            asked.TrySetResult(route);
        });
        IRoute held = await asked.Task.WaitAsync(Stop);
        await console.Page.EvaluateAsync("for (let i = 0; i < 5; i++) { dispatchEvent(new Event('online')); }");
        Assert.Equal(1, questions);

        await console.Page.EvaluateAsync("""
            Object.defineProperty(document, 'hidden', { value: true, configurable: true });
            document.dispatchEvent(new Event('visibilitychange'));
            """);
        await held.ContinueAsync();
        await console.Page.UnrouteAllAsync();
        await (await held.Request.ResponseAsync())!.FinishedAsync();
        Assert.Equal(0, await console.Page.EvaluateAsync<int>("""
            () => {
              const ask = window.fetch;
              let questions = 0;
              window.fetch = (...what) => { questions++; return ask(...what); };
              dispatchEvent(new Event('online'));
              window.fetch = ask;
              return questions;
            }
            """));

        await console.Page.RunAndWaitForRequestAsync(
            () => console.Page.EvaluateAsync("""
                Object.defineProperty(document, 'hidden', { value: false, configurable: true });
                document.dispatchEvent(new Event('visibilitychange'));
                """),
            request => request.Url.Contains("/api/v1/usage", StringComparison.Ordinal));
    }
}
