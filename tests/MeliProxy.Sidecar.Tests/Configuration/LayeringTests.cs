using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class LayeringTests
{
    private const string TwoRules = """
        { "rules": [
          { "name": "a", "key": ["path"], "limit": 1, "window": "1s" },
          { "name": "b", "key": ["path"], "limit": 2, "window": "1s" }
        ] }
        """;

    [Fact]
    public void The_command_line_overrides_the_environment_which_overrides_the_file()
    {
        ConfigurationResult result = ConfigurationFolder.Load(
            """
            {
              "listen": ["http://127.0.0.1:1", "http://127.0.0.1:2"],
              "upstream": "http://file",
              "admin": { "listen": "http://127.0.0.1:3", "token": "file" },
              "sharing": { "domain": "file" }
            }
            """,
            [
                ("MELIPROXY__LISTEN", "http://127.0.0.1:11"),
                ("MELIPROXY__UPSTREAM", "http://environment"),
                ("MELIPROXY__ADMIN__LISTEN", "http://127.0.0.1:13"),
            ],
            new CommandLineValues
            {
                Upstream = ["http://one", "http://two"],
                Admin = "http://127.0.0.1:23",
                Nats = "nats://option",
                Influx = "http://influx",
            });

        Assert.Empty(result.Errors);
        SidecarConfiguration configuration = result.Configuration!;
        Assert.Equal("http://127.0.0.1:11", Assert.Single(configuration.Listen).ToString());
        Assert.Equal(["http://one/", "http://two/"], configuration.Upstream.Select(u => u.AbsoluteUri));
        Assert.Equal("http://127.0.0.1:23", configuration.Admin.Listen!.ToString());
        Assert.Equal("file", configuration.Admin.Tokens["admin"]);
        Assert.Equal("nats://option", configuration.Sharing.Nats.Urls);
        Assert.Equal("file", configuration.Sharing.Domain);
        Assert.Equal("http://influx/", configuration.Usage.InfluxDB!.Url.AbsoluteUri);
        Assert.Equal(
            ["option --nats", "option --influx"],
            [
                ConfigurationFolder.Load(null, commandLine: new CommandLineValues { Nats = "x" }).Errors[0].Origin,
                ConfigurationFolder.Load(null, commandLine: new CommandLineValues { Influx = "x" }).Errors[0].Origin,
            ]);
    }

    [Fact]
    public void A_variable_changes_one_member_of_one_rule()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            TwoRules, ("MELIPROXY__RULES__1__LIMIT", "5"), ("meliproxy__rules__1__match__headers__X-Tier", "gold"));

        Assert.Equal([1L, 5L], configuration.Rules.Select(r => r.Limit));
        Assert.Equal("gold", configuration.Rules[1].Match!.Headers["X-Tier"]);
    }

    [Fact]
    public void Variables_add_a_rule()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            TwoRules,
            ("MELIPROXY__RULES__2__WINDOW", "10s"),
            ("MELIPROXY__RULES__2__NAME", "7"),
            ("MELIPROXY__RULES__2__LIMIT", "3"),
            ("MELIPROXY__RULES__2__KEY__1", "path"),
            ("MELIPROXY__RULES__2__KEY__0", "client-ip"));

        Assert.Equal(["a", "b", "7"], configuration.Rules.Select(r => r.Name));
        Assert.Equal(["client-ip", "path"], configuration.Rules[2].Key);
    }

    [Fact]
    public void Variables_reach_every_kind_of_member_of_a_rule()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            TwoRules,
            ("MELIPROXY__MODE", "shadow"),
            ("MELIPROXY__LIMITS__MAXQUEUED", "5"),
            ("MELIPROXY__RULES__0__QUEUE__LIMIT", "7"),
            ("MELIPROXY__RULES__0__QUEUE__MAXWAIT", "2s"),
            ("MELIPROXY__RULES__0__ALLOW__0", "client-ip=10.0.0.0/8"),
            ("MELIPROXY__RULES__0__DENY__0", "header:X-Api-Key=a=b"),
            ("MELIPROXY__RULES__0__ENFORCEPERCENT", "10"),
            ("MELIPROXY__RULES__0__ONERROR", "closed"),
            ("MELIPROXY__RULES__1__ALGORITHM", "fixed-window"),
            ("MELIPROXY__RULES__1__WINDOW", ""),
            ("MELIPROXY__RULES__1__CALENDAR", "day"),
            ("MELIPROXY__RULES__1__TIMEZONE", "UTC"),
            ("MELIPROXY__RULES__1__CHARGE", "response-bytes"),
            ("MELIPROXY__RULES__1__COST", "0"));

        Assert.Equal((RuleMode.Shadow, 5), (configuration.Mode, configuration.Limits.MaxQueued));
        RateLimitRule first = configuration.Rules[0];
        Assert.Equal(new RuleQueue { Limit = 7, MaxWait = TimeSpan.FromSeconds(2) }, first.Queue);
        Assert.Equal(["client-ip=10.0.0.0/8"], first.Allow);
        Assert.Equal(["header:X-Api-Key=a=b"], first.Deny);
        Assert.Equal((10, RuleErrorBehavior.Closed), (first.EnforcePercent, first.OnError));
        RateLimitRule second = configuration.Rules[1];
        Assert.Equal((CalendarPeriod.Day, "UTC", TimeSpan.Zero), (second.Calendar, second.TimeZone, second.Window));
        Assert.Equal(("response-bytes", 0), (second.Charge, second.Cost));
    }

    [Fact]
    public void Variables_add_and_change_overrides()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            """
            { "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s" } ],
              "overrides": [ { "rule": "a", "key": ["/x"], "limit": 0 } ] }
            """,
            ("MELIPROXY__OVERRIDES__0__LIMIT", "unlimited"),
            ("MELIPROXY__OVERRIDES__1__RULE", "a"),
            ("MELIPROXY__OVERRIDES__1__KEY__0", "5"),
            ("MELIPROXY__OVERRIDES__1__LIMIT", "7"),
            ("MELIPROXY__OVERRIDES__1__BURST", "9"),
            ("MELIPROXY__OVERRIDES__1__EXPIRESAT", "2026-01-31T12:00:00Z"));

        Assert.Equal([null, 7L], configuration.Overrides.Select(o => o.Limit));
        Assert.Equal(["5"], configuration.Overrides[1].Key);
        Assert.Equal((9, new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)), (configuration.Overrides[1].Burst, configuration.Overrides[1].ExpiresAt));
    }

    [Fact]
    public void Lists_longer_than_ten_keep_their_order()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            null, [.. Enumerable.Range(0, 12).Select(i => ($"MELIPROXY__UPSTREAM__{i}", $"http://u{i}"))]);

        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"u{i}"), configuration.Upstream.Select(u => u.Host));
    }

    [Fact]
    public void A_position_in_a_single_value_makes_a_list_of_it() =>
        Assert.Equal(
            ["file", "second"],
            ConfigurationFolder.LoadValid("""{ "upstream": "http://file" }""", ("MELIPROXY__UPSTREAM__1", "http://second"))
                .Upstream.Select(u => u.Host));

    [Fact]
    public void Texts_numbers_and_truth_values_are_told_apart_by_the_setting()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            null,
            ("MELIPROXY__ADMIN__TOKEN", "12345"),
            ("MELIPROXY__SHARING__DOMAIN", "true"),
            ("MELIPROXY__TELEMETRY__PROMETHEUS", "False"),
            ("MELIPROXY__TELEMETRY__TRACES__SAMPLE", "0.01"),
            ("MELIPROXY__TELEMETRY__OTLP", "http://collector:4318"),
            ("MELIPROXY__TELEMETRY__OTLPHEADERS__X-Api-Key", "1"),
            ("MELIPROXY__LIMITS__MAXKEYS", "10"));

        Assert.Equal("12345", configuration.Admin.Tokens["admin"]);
        Assert.Equal("true", configuration.Sharing.Domain);
        Assert.False(configuration.Telemetry.Prometheus);
        Assert.Equal(0.01, configuration.Telemetry.TraceSample);
        Assert.Equal(KeyValuePair.Create("X-Api-Key", "1"), Assert.Single(configuration.Telemetry.Otlp!.Headers.All));
        Assert.Equal(10, configuration.Limits.MaxKeys);
    }

    [Fact]
    public void An_empty_variable_is_null()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            """{ "usage": { "store": "x.db" }, "sharing": { "nats": "nats://x" } }""",
            ("MELIPROXY__ADMIN__LISTEN", ""),
            ("MELIPROXY__USAGE__STORE", ""),
            ("MELIPROXY__SHARING__NATS", ""));

        Assert.Null(configuration.Admin.Listen);
        Assert.Null(configuration.Usage.Store);
        Assert.False(configuration.Sharing.Nats.Any);
    }

    [Fact]
    public void Other_variables_are_left_alone() =>
        ConfigurationFolder.LoadValid("{}", ("MELIPROXY_PORT", "tcp://10.0.0.1:8080"), ("PATH", "/bin"), ("XMELIPROXY__A", "b"));

    [Theory]
    [InlineData("MELIPROXY__LISSTEN", "x", "$.LISSTEN: is unknown; did you mean 'listen'?")]
    [InlineData("MELIPROXY__ADMIN__TOKN", "x", "$.admin.TOKN: is unknown; did you mean 'token'?")]
    [InlineData("MELIPROXY__RULES__0__QUEUE", "5", "$.rules[0].queue: is a group of settings; add __ and one of limit, maxWait")]
    [InlineData("MELIPROXY__RULES__0__ALLOW", "a=b", "$.rules[0].allow: is a list; add __ and a position from 0 to set an item")]
    [InlineData("MELIPROXY__RULES__0__ENFORCEPERCENT", "half", "$.rules[0].enforcePercent: must be a whole number")]
    [InlineData("MELIPROXY__ADMIN", "x", "$.admin: is a group of settings; add __ and one of listen, token, tokens, tls, clientCertificateAuthority, allowAnonymous")]
    [InlineData("MELIPROXY__RULES", "[]", "$.rules: is a list; add __ and a position from 0 to set an item")]
    [InlineData("MELIPROXY__RULES__5__LIMIT", "1", "$.rules: '5' is no position in this list; the next free one is 2")]
    [InlineData("MELIPROXY__RULES__A__LIMIT", "1", "$.rules: 'A' is no position in this list; the next free one is 2")]
    [InlineData("MELIPROXY__ADMIN__TOKEN__X", "1", "$.admin.token: is a single value; there is no 'X' in it")]
    [InlineData("MELIPROXY__", "1", "$: a name is empty; names are separated by __")]
    [InlineData("MELIPROXY__LIMITS__MAXKEYS", "many", "$.limits.maxKeys: must be a whole number")]
    [InlineData("MELIPROXY__RULES__0__LIMIT", "-1", "$.rules[0].limit: must be from 0 (reject everything) to 10000000 for a window of 1s")]
    public void A_wrong_variable_is_named(string name, string value, string error) =>
        Assert.Equal(
            $"environment variable {name}: {error}", Assert.Single(ConfigurationFolder.ErrorsOf(TwoRules, (name, value))));

    [Fact]
    public void Two_variables_for_one_setting_are_refused() =>
        Assert.Equal(
            "environment variable meliproxy__listen: $.listen: is set by MELIPROXY__LISTEN too",
            Assert.Single(ConfigurationFolder.ErrorsOf(
                "{}", ("MELIPROXY__LISTEN", "http://127.0.0.1:1"), ("meliproxy__listen", "http://127.0.0.1:2"))));

    [Fact]
    public void A_wrong_option_is_named() =>
        Assert.Equal(
            [
                "option --upstream: $.upstream[1]: 'b' must be an absolute http:// or https:// URL such as \"https://api.example.com\"",
                "option --admin: $.admin.listen: http://0.0.0.0:1 can be reached from other machines, so admin.token must be set"
                    + ", or admin.clientCertificateAuthority; admin.allowAnonymous lets everyone change the rules who can connect",
            ],
            ConfigurationFolder.Load(
                """{ "upstream": ["http://a", "http://b"] }""",
                commandLine: new CommandLineValues { Upstream = ["http://a", "b"], Admin = "http://0.0.0.0:1" })
                .Errors.Select(e => e.ToString()).OrderDescending());

    [Fact]
    public void What_stands_in_the_way_of_a_variable_is_named_where_it_is() =>
        Assert.Equal(
            "meliproxy.json:1: $.admin: must be an object",
            Assert.Single(ConfigurationFolder.ErrorsOf("""{ "admin": 5 }""", ("MELIPROXY__ADMIN__TOKEN", "x"))));
}
