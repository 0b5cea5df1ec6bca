using System.Text.Json;
using MeliProxy.Sidecar.BrowserTests.Infrastructure;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace MeliProxy.Sidecar.BrowserTests;

/// <summary>What the page shows of rules and keys, and changes.</summary>
public sealed class RulesTests(ChromiumBrowser browser)
{
    private const string Rules = """
        [ { "name": "per-ip", "key": ["client-ip"], "limit": 3, "window": "1h", "burst": 3 },
          { "name": "by-query", "key": ["query:q"], "limit": 1000, "window": "1s", "mode": "shadow", "onMissingKey": "skip" } ]
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rates_and_limited_shares_are_live()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar);
        await Expect(console.Rule("per-ip")).ToContainTextAsync("3 / 1h");
        await Expect(console.Rule("by-query").Locator(".badge")).ToHaveTextAsync("shadow");

        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        Task traffic = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                {
                    await sidecar.SendAsync("/sites");
                    await Task.Delay(20, CancellationToken.None);
                }
            },
            Stop);
        await Expect(console.Page.Locator("tr.is-limiting").GetByRole(AriaRole.Link)).ToHaveTextAsync("per-ip");
        await Expect(console.Rule("per-ip").Locator(".spark-over")).ToHaveAttributeAsync(
            "d", new System.Text.RegularExpressions.Regex("^M"));
        await enough.CancelAsync();
        await traffic;
    }

    [Fact]
    public async Task A_limit_is_changed_for_real()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/per-ip");
        ILocator part = console.Part("Limit");
        ILocator save = part.GetByRole(AriaRole.Button, new() { Name = "Save" });
        await Expect(save).ToBeDisabledAsync();

        await part.GetByLabel("Limit", new() { Exact = true }).FillAsync("70");
        await part.GetByLabel("Window").FillAsync("2h");
        await part.GetByLabel("Burst").FillAsync("");
        await part.GetByLabel("Mode").SelectOptionAsync("shadow");
        await save.ClickAsync();

        await Expect(part).ToContainTextAsync("Saved, revision 2.");
        JsonElement rule = JsonElement.Parse(await sidecar.Admin.GetStringAsync("/api/v1/rules/per-ip", Stop)).GetProperty("rule");
        Assert.Equal(70, rule.GetProperty("limit").GetInt32());
        Assert.Equal("2h", rule.GetProperty("window").GetString());
        Assert.Equal("shadow", rule.GetProperty("mode").GetString());
        Assert.False(rule.TryGetProperty("burst", out _));
    }

    [Fact]
    public async Task What_is_wrong_with_a_value_is_said_beside_it()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/per-ip");
        ILocator part = console.Part("Limit");
        ILocator limit = part.GetByLabel("Limit", new() { Exact = true });
        ILocator window = part.GetByLabel("Window");

        await limit.FillAsync("many");
        await window.FillAsync("soon");
        await part.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(limit).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(limit).ToBeFocusedAsync();
        await Expect(limit).ToHaveAccessibleDescriptionAsync(new System.Text.RegularExpressions.Regex("number"));
        await Expect(window).ToHaveAttributeAsync("aria-invalid", "true");

        await limit.FillAsync("4");
        await window.FillAsync("1h");
        await part.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(part).ToContainTextAsync("Saved");
        await Expect(limit).Not.ToHaveAttributeAsync("aria-invalid", "true");
    }

    [Fact]
    public async Task Two_operators_do_not_overwrite_each_other()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/per-ip");
        ILocator part = console.Part("Limit");
        ILocator limit = part.GetByLabel("Limit", new() { Exact = true });
        await limit.FillAsync("50");

        // Until the page has heard of the other change, its own is refused; afterwards it says so by itself.
        await sidecar.PutRuleAsync("per-ip", """{ "key": ["client-ip"], "limit": 8, "window": "1h" }""");
        await part.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Expect(part).ToContainTextAsync("changed by somebody else meanwhile");
        JsonElement rule = JsonElement.Parse(await sidecar.Admin.GetStringAsync("/api/v1/rules/per-ip", Stop)).GetProperty("rule");
        Assert.Equal(8, rule.GetProperty("limit").GetInt32());

        await part.GetByRole(AriaRole.Button, new() { Name = "Load what is in force" }).ClickAsync();
        await Expect(limit).ToHaveValueAsync("8");
        await limit.FillAsync("50");
        await part.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(part).ToContainTextAsync("Saved, revision 3.");
    }

    [Fact]
    public async Task An_override_is_set_listed_and_lifted()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/per-ip");
        ILocator part = console.Part("Overrides");
        ILocator row = part.GetByRole(AriaRole.Row).Filter(new() { HasText = "203.0.113.9" });

        await part.GetByLabel("client-ip").FillAsync("203.0.113.9");
        await part.GetByLabel("Then").SelectOptionAsync("limit");
        await part.GetByLabel("Limit", new() { Exact = true }).FillAsync("none");
        await part.GetByRole(AriaRole.Button, new() { Name = "Set override" }).ClickAsync();
        await Expect(part.GetByLabel("Limit", new() { Exact = true })).ToHaveAttributeAsync("aria-invalid", "true");
        await part.GetByLabel("Then").SelectOptionAsync("block");
        await part.GetByRole(AriaRole.Button, new() { Name = "Set override" }).ClickAsync();
        await Expect(row).ToContainTextAsync("blocked");
        Assert.Contains("203.0.113.9", await sidecar.Admin.GetStringAsync("/api/v1/overrides", Stop), StringComparison.Ordinal);
        JsonElement latest = JsonElement.Parse(await sidecar.Admin.GetStringAsync("/api/v1/audit", Stop)).GetProperty("entries")[0];
        Assert.Equal("console", latest.GetProperty("by").GetString());

        await row.GetByRole(AriaRole.Button, new() { Name = "Lift the override for 203.0.113.9" }).ClickAsync();
        await Expect(row).ToBeHiddenAsync();
        Assert.DoesNotContain("203.0.113.9", await sidecar.Admin.GetStringAsync("/api/v1/overrides", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_top_key_is_limited_from_the_list()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await sidecar.SendAsync("/sites", from: "203.0.113.5");
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/keys");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Override the limit of the key 203.0.113.5 of the rule per-ip" }).ClickAsync();

        await Expect(console.Part("Overrides").GetByLabel("client-ip")).ToHaveValueAsync("203.0.113.5");
        await Expect(console.Part("Overrides").GetByLabel("Then")).ToHaveValueAsync("limit");
        await Expect(console.Part("Overrides").GetByLabel("Limit", new() { Exact = true })).ToHaveValueAsync("3");
        await console.Page.Keyboard.PressAsync("Escape");
        await Expect(console.Sheet).ToBeHiddenAsync();
        await Expect(console.Page.GetByRole(AriaRole.Region, new() { Name = "Top keys", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Of_a_rule_that_never_was_it_only_says_so()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/nope");

        await Expect(console.Sheet.GetByText("There is no rule nope.")).ToBeVisibleAsync();
        await Expect(console.Sheet.Locator(".badge")).ToBeHiddenAsync();
        await Expect(console.Part("Limit")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Hostile_keys_are_text_and_nothing_else()
    {
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync(Rules);
        const string Image = "<img src=x onerror=document.title='broken'>";
        const string Turned = "abc\u202Efdp.exe";
        await sidecar.SendAsync($"/sites?q={Uri.EscapeDataString(Image)}");
        await sidecar.SendAsync($"/sites?q={Uri.EscapeDataString(Turned)}");
        await sidecar.SendAsync("/sites?q=..");
        await using OpenConsole console = await browser.OpenAsync(sidecar, "#/rules/by-query");
        ILocator keys = console.Part("Top keys");

        await Expect(keys).ToContainTextAsync(Image);
        await Expect(keys).ToContainTextAsync(@"abc\u{202E}fdp.exe");
        Assert.Equal(0, await console.Sheet.Locator("img").CountAsync());

        // A path would mean something else with these dots: the rule itself.
        await keys.GetByRole(AriaRole.Button, new() { Name = "Override the limit of the key .. of the rule by-query" }).ClickAsync();
        await console.Part("Overrides").GetByRole(AriaRole.Button, new() { Name = "Set override" }).ClickAsync();
        await Expect(console.Part("Overrides")).ToContainTextAsync("A path cannot hold '..'");

        await keys.GetByRole(AriaRole.Button, new() { Name = $"Override the limit of the key {Image} of the rule by-query" }).ClickAsync();
        await console.Part("Overrides").GetByRole(AriaRole.Button, new() { Name = "Set override" }).ClickAsync();
        await Expect(console.Part("Overrides").GetByRole(AriaRole.Table)).ToContainTextAsync(Image);
        Assert.Empty(console.Complaints);
    }

    [Fact]
    public async Task Of_200_rules_only_what_changes_is_touched()
    {
        string rules = string.Join(",", Enumerable.Range(0, 200).Select(i =>
            $$"""{ "name": "rule-{{i}}", "match": { "path": "/items/MLA{{i}}" }, "key": ["client-ip"], "limit": 1000000, "window": "1s" }"""));
        await using ConsoleSidecar sidecar = await ConsoleSidecar.StartAsync($"[{rules}]");
        await using OpenConsole console = await browser.OpenAsync(sidecar);
        await Expect(console.Page.Locator(".rules tbody tr")).ToHaveCountAsync(200);
        await AskAsync(console);

        await console.Page.EvaluateAsync("""
            window.touched = 0;
            new MutationObserver(changes => { window.touched += changes.length; })
              .observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
            """);
        await AskAsync(console);
        await AskAsync(console);
        Assert.Equal(0, await console.Page.EvaluateAsync<int>("window.touched"));

        await sidecar.SendAsync("/items/MLA7");
        await Expect(console.Rule("rule-7")).Not.ToHaveClassAsync("is-quiet");

        // A rate, the colour of its row and two lines of its picture with each look; several may have been taken meanwhile.
        Assert.InRange(await console.Page.EvaluateAsync<int>("window.touched"), 1, 100);
        await Expect(console.Rule("rule-7")).ToHaveClassAsync("is-quiet");

        await console.Page.GetByRole(AriaRole.Searchbox).FillAsync("MLA19");
        await Expect(console.Page.GetByText("11 of 200 rules")).ToBeVisibleAsync();
    }

    /// <summary>Waits until the page has asked and been answered once more.</summary>
    private static async Task AskAsync(OpenConsole console)
    {
        await console.Page.WaitForResponseAsync("**/api/v1/usage?*");
        await console.Page.WaitForResponseAsync("**/api/v1/usage?*");
    }
}
