using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Registration;

public sealed class ConfiguredLimiterTests
{
    private const string TwoADay = """{ "name": "day", "key": ["global"], "limit": 2, "window": "1d", "algorithm": "fixed-window" }""";

    [Fact]
    public void Rules_are_read_from_configuration_as_from_json()
    {
        RateLimitRule full = new()
        {
            Name = "full",
            Match = new RuleMatch
            {
                Path = "/items/{id}",
                Methods = ["GET", "PUT"],
                Hosts = ["api.example.com"],
                Headers = new Dictionary<string, string> { ["Limit"] = "3", ["X-Version"] = "2" },
                Endpoint = true,
            },
            Key = ["client-ip", "header:X-Api-Key"],
            Algorithm = RateLimitAlgorithm.TokenBucket,
            Limit = 100,
            Window = TimeSpan.FromSeconds(10),
            Burst = 200,
            Cost = 0,
            Charge = "response-bytes",
            Queue = new RuleQueue { Limit = 5, MaxWait = TimeSpan.FromSeconds(2) },
            Allow = ["client-ip=10.0.0.0/8"],
            Deny = ["method=TRACE", "path=7"],
            Scope = RuleScope.Shared,
            Mode = RuleMode.Shadow,
            EnforcePercent = 50,
            OnMissingKey = MissingKeyBehavior.Skip,
            OnError = RuleErrorBehavior.Closed,
        };
        RateLimitRule calendar = new()
        {
            Name = "calendar",
            Key = ["global"],
            Algorithm = RateLimitAlgorithm.FixedWindow,
            Limit = 7,
            Calendar = CalendarPeriod.Month,
            TimeZone = "UTC",
        };

        RuleSet read = LimiterOf($$"""
            { "rules": [{{Json(full)}}, {{Json(calendar)}}], "mode": "shadow", "maxKeys": 10, "keyCap": "overflow", "maxQueued": 0,
              "overrides": [{ "rule": "calendar", "key": [""], "limit": "unlimited" }, { "rule": "full", "key": ["10.1.2.3", "k"], "limit": 0 }] }
            """).Rules;

        Assert.Equal([Json(full), Json(calendar)], read.Select(Json));
        Assert.Equal(RuleMode.Shadow, read.Mode);
        Assert.Equal([null, 0], read.Overrides.Select(o => o.Limit));
    }

    [Fact]
    public void Names_are_read_without_regard_to_case_as_everywhere_in_configuration()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["QUOTA:RULES:0:NAME"] = "day",
            ["Quota:Rules:0:Key:0"] = "global",
            ["Quota:Rules:0:Limit"] = "2",
            ["Quota:Rules:0:Window"] = "1d",
            ["Quota:Rules:0:EnforcePercent"] = "50",
            ["Quota:Rules:0:Match:Endpoint"] = "True",
        }).Build();

        RateLimitRule rule = Assert.Single(LimiterOf(services => services.AddQuotaLimiter(configuration.GetSection("Quota"))).Rules);

        Assert.Equal(("day", 2, 50, true), (rule.Name, rule.Limit, rule.EnforcePercent, rule.Match!.Endpoint));
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_with_its_path_at_the_start()
    {
        InvalidRulesException exception = Assert.Throws<InvalidRulesException>(() => LimiterOf("""
            { "rules": [{ "name": "a b", "key": ["clientip"], "limit": "many", "window": "1d", "brust": 5 }], "mode": "shadowy",
              "overrides": [{ "rule": "none", "key": ["x"], "limit": 1 }], "maxKeys": 0, "keyCap": "drop", "maxQueued": 1000001, "maxkey": 1 }
            """));

        Assert.Equal(
            [
                "$.quota.keyCap", "$.quota.maxKeys", "$.quota.maxQueued", "$.quota.maxkey", "$.quota.mode", "$.quota.overrides[0].rule",
                "$.quota.rules[0].brust", "$.quota.rules[0].key[0]", "$.quota.rules[0].limit", "$.quota.rules[0].name",
            ],
            exception.Errors.Select(e => e.Path).Order(StringComparer.Ordinal));
        Assert.Contains(exception.Errors, e => e.ToString() == "$.quota.maxKeys: must be from 1 to 100000000");
        Assert.Contains(exception.Errors, e => e.ToString() == "$.quota.rules[0].limit: must be a whole number");
    }

    [Fact]
    public void An_option_out_of_its_range_is_named()
    {
        OptionsValidationException exception =
            Assert.Throws<OptionsValidationException>(
                () => LimiterOf(services => services.AddQuotaLimiter(options => options.MaxKeys = 0)));

        Assert.Contains("MaxKeys has to be from 1 to 100000000", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_section_is_refused()
    {
        IConfiguration section = new ConfigurationBuilder().Build();
        IServiceCollection services = new ServiceCollection().AddQuotaLimiter(section).AddQuotaLimiter(_ => { });

        Assert.Throws<InvalidOperationException>(() => services.AddQuotaLimiter(section, _ => { }));
    }

    [Fact]
    public async Task A_change_of_configuration_is_in_force_at_once_and_keeps_counts_and_rules_of_code()
    {
        SteerableConfiguration source = new($$"""{ "quota": { "rules": [{{TwoADay}}], "maxKeys": 10 } }""");
        await using LoopbackApp app = await StartAsync(source, app => app.MapGet("/", () => "hello"));
        Assert.Equal(1, await CountAllowedAsync(app, 1));

        source.Change($$"""{ "quota": { "rules": [{{TwoADay.Replace("2", "5", StringComparison.Ordinal)}}], "maxKeys": 20 } }""");

        Assert.Equal(["from-code", "day"], app.Limiter.Rules.Select(rule => rule.Name));
        Assert.Equal(4, await CountAllowedAsync(app, 9));
        Assert.Equal(
            [
                "Information: The quota rules in $.quota have changed; 2 are in force.",
                "Warning: The changes of maxKeys, keyCap and maxQueued in $.quota take effect when the application starts again.",
            ],
            app.Log.Lines);
    }

    [Theory]
    [InlineData("""{ "quota": { "rules": [{ "name": "day", "key": ["global"], "limit": -1, "window": "1d" }], "mode": "x" } }""", "$.quota.rules[0].limit: ", "$.quota.mode: ")]
    [InlineData("""{ "quota": { "rules": [{ "name": "from-code", "key": ["global"], "limit": 1, "window": "1d" }] } }""", ".name: the name 'from-code' is already taken")]
    [InlineData("""{ "quota": { "rules": [{ "name": "other", "key": ["global"], "limit": 1, "window": "1d" }] } }""", "requires the rule 'needed', which is unknown")]
    [InlineData("""{ "quota": "nonsense" }""", "requires the rule 'needed', which is unknown")]
    public async Task A_change_for_the_worse_changes_nothing_and_is_logged_with_every_error(string change, params string[] complaints)
    {
        SteerableConfiguration source = new($$"""
            { "quota": { "rules": [{{TwoADay}}, { "name": "needed", "match": { "endpoint": true }, "key": ["global"], "limit": 9, "window": "1d" }] } }
            """);
        await using LoopbackApp app = await StartAsync(source, app => app.MapGet("/", () => "hello").RequireQuota("needed"));
        RuleSet before = app.Limiter.Rules;

        source.Change(change);

        Assert.Same(before, app.Limiter.Rules);
        string line = Assert.Single(app.Log.Lines);
        Assert.StartsWith("Error: The change of quota rules in $.quota is refused", line, StringComparison.Ordinal);
        Assert.All(complaints, complaint => Assert.Contains(complaint, line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_elsewhere_in_the_configuration_is_none()
    {
        SteerableConfiguration source = new($$"""{ "quota": { "rules": [{{TwoADay}}] } }""");
        await using LoopbackApp app = await StartAsync(source, _ => { });
        RuleSet before = app.Limiter.Rules;

        source.Change($$"""{ "quota": { "rules": [{{TwoADay}}] }, "other": 1 }""");

        Assert.Same(before, app.Limiter.Rules);
        Assert.Empty(app.Log.Lines);
    }

    [Fact]
    public void A_limiter_that_is_gone_does_not_hear_of_changes()
    {
        SteerableConfiguration source = new($$"""{ "quota": { "rules": [{{TwoADay}}] } }""");
        IConfigurationRoot configuration = new ConfigurationBuilder().Add(source).Build();
        CollectedLog log = new();
        ServiceCollection services = new();
        services.AddLogging(logging => logging.AddProvider(log)).AddQuotaLimiter(configuration.GetSection("quota"));
        using (ServiceProvider provider = services.BuildServiceProvider())
        {
            provider.GetRequiredService<QuotaLimiter<HttpContext>>();
            source.Change("""{ "quota": { "mode": "shadow" } }""");
            Assert.Single(log.Lines);
        }

        source.Change("""{ "quota": { } }""");

        Assert.Single(log.Lines);
    }

    [Fact]
    public async Task A_key_that_cannot_be_computed_is_logged_once_a_minute_for_each_rule()
    {
        await using LoopbackApp app = await LoopbackApp.StartAsync(
            builder => builder.Services.AddQuotaLimiter(options =>
            {
                options.KeySources.Add("tenant", _ => throw new InvalidOperationException("no tenants today"));
                options.Rules.Add(AnyRule.Of("one", 5) with { Key = ["tenant"] });
                options.Rules.Add(AnyRule.Of("two", 5) with { Key = ["tenant"], OnError = RuleErrorBehavior.Closed });
            }),
            app => app.UseQuotaLimiter());

        await app.GetManyAsync("/", 3);
        Assert.Equal(
            [
                "Error: The key or match of the rule one cannot be computed, so onError: Open decides. It happened 1 times since last told.",
                "Error: The key or match of the rule two cannot be computed, so onError: Closed decides. It happened 1 times since last told.",
            ],
            app.Log.Lines);

        app.Time.Advance(TimeSpan.FromMinutes(1));
        await app.GetManyAsync("/", 1);
        Assert.Equal(4, app.Log.Lines.Count);
        Assert.EndsWith("It happened 3 times since last told.", app.Log.Lines.Last(), StringComparison.Ordinal);
    }

    private static Task<LoopbackApp> StartAsync(SteerableConfiguration source, Action<IEndpointRouteBuilder> map) => LoopbackApp.StartAsync(
        builder =>
        {
            ((IConfigurationBuilder)builder.Configuration).Add(source);
            builder.Services.AddQuotaLimiter(
                builder.Configuration.GetSection("quota"), options => options.Rules.Add(AnyRule.Of("from-code", 100)));
        },
        app =>
        {
            app.UseQuotaLimiter();
            map(app);
        });

    private static async Task<int> CountAllowedAsync(LoopbackApp app, int requests) =>
        (await app.GetManyAsync("/", requests)).Count(code => code == HttpStatusCode.OK);

    private static QuotaLimiter<HttpContext> LimiterOf(string json) => LimiterOf(services => services.AddQuotaLimiter(
        new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "quota": {{json}} }""")))
            .Build().GetSection("quota")));

    private static QuotaLimiter<HttpContext> LimiterOf(Action<IServiceCollection> register)
    {
        ServiceCollection services = new();
        register(services);
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<QuotaLimiter<HttpContext>>();
    }

    private static string Json(RateLimitRule rule)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            RuleJson.WriteRule(writer, rule);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
