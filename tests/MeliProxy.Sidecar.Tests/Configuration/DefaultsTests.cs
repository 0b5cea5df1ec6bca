using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.InfluxDB;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Usage.Store;
using MeliProxy.Sidecar.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class DefaultsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    public void Without_settings_the_documented_defaults_hold(string? json)
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(json);

        Assert.Equal("http://127.0.0.1:8080", Assert.Single(configuration.Listen).ToString());
        Assert.Null(configuration.Tls);
        Assert.Equal(new AdminConfiguration(new ListenAddress(false, "127.0.0.1", 8081), new Dictionary<string, string>(), null, null, false), configuration.Admin);
        Assert.Equal(new Uri("https://api.mercadolibre.com"), Assert.Single(configuration.Upstream));
        Assert.Null(configuration.ReverseProxy);
        Assert.Equal(new ForwardingConfiguration(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(100), null, true), configuration.Forwarding);
        Assert.Empty(configuration.ClientIp.TrustedProxies);
        Assert.Equal(64, configuration.ClientIp.IPv6PrefixLength);
        Assert.Equal(ForwardedHeader.Auto, configuration.ClientIp.Header);
        Assert.Empty(configuration.Rules);
        Assert.Empty(configuration.Overrides);
        Assert.Equal(RuleMode.Enforce, configuration.Mode);
        Assert.Equal("/folder/meliproxy-rules.json", configuration.RulesFile);
        Assert.Equal(new LimitsConfiguration(1_000_000, KeyCapBehavior.Admit, 10_000), configuration.Limits);
        Assert.False(configuration.Sharing.Nats.Any);
        Assert.Equal("meliproxy-state.bin", configuration.State);
        Assert.Equal("default", configuration.Sharing.Domain);
        Assert.Equal(new UsageConfiguration(true, new UsageStoreOptions { Path = "meliproxy-usage.db" }, null), configuration.Usage);
        Assert.Equal(
            new TelemetryConfiguration
            {
                Prometheus = true,
                Otlp = null,
                HttpMetrics = false,
                TraceSample = 0,
                Attributes = SettingPairs.None,
            },
            configuration.Telemetry);
        Assert.Equal(new LoggingConfiguration(LogLevel.Information, LogFormat.Text), configuration.Logging);
    }

    [Fact]
    public void The_documented_example_loads()
    {
        ConfigurationResult result = ConfigurationFolder.Load("""
            {
              "listen": "http://127.0.0.1:8080",
              "admin": { "listen": "http://127.0.0.1:8081", "token": null },
              "upstream": ["https://api.mercadolibre.com"],            // or a standard YARP "ReverseProxy" section
              "clientIp": { "trustedProxies": [], "ipv6PrefixLength": 64 },
              "rules": [
                { "name": "per-ip",   "key": ["client-ip"],         "limit": 100,  "window": "1s", "burst": 200 },
                { "name": "per-path", "key": ["path"],              "limit": 1000, "window": "1s" },
                { "name": "ip-path",  "match": { "path": "/categories/{**rest}", "methods": ["GET"] },
                                      "key": ["client-ip", "path"], "limit": 5,    "window": "10s", "algorithm": "fixed-window" },
                { "name": "app-day",  "key": ["header:X-Api-Key"],  "limit": 1000000, "window": "1d", "algorithm": "fixed-window", "scope": "shared" }
              ],
              "sharing":  { "nats": "nats://127.0.0.1:4222", "domain": "default" },
              "usage":    { "store": "meliproxy-usage.db", "influxdb": { "url": "http://127.0.0.1:8086", "database": "meliproxy" } },
              "telemetry":{ "otlp": null, "prometheus": true }
            }
            """);

        Assert.Empty(result.Errors);
        Assert.Equal(["per-ip", "per-path", "ip-path", "app-day"], result.Configuration!.Rules.Select(r => r.Name));
        Assert.Equal(RateLimitAlgorithm.FixedWindow, result.Configuration.Rules[2].Algorithm);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void A_null_turns_off_what_is_on_by_default()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            """{ "admin": { "listen": null }, "usage": { "store": null } }""");

        Assert.Null(configuration.Admin.Listen);
        Assert.Null(configuration.Usage.Store);
    }

    [Fact]
    public void All_settings_arrive()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid("""
            {
              "$schema": "meliproxy.schema.json",
              "listen": ["http://*:8080", "http://[::1]:9090"],
              "admin": { "listen": "http://0.0.0.0:8081", "token": "s3cret" },
              "upstream": ["http://10.0.0.1:9000/base/", "https://b.example"],
              "forwarding": { "connectTimeout": "250ms", "activityTimeout": "1h", "direct": false },
              "clientIp": { "trustedProxies": ["10.0.0.0/8", "::1", "::ffff:192.168.0.0/112"], "ipv6PrefixLength": 56, "header": "forwarded" },
              "limits": { "maxKeys": 5, "whenFull": "overflow", "maxQueued": 0 },
              "mode": "shadow",
              "sharing": { "nats": ["nats://a:4222", "tls://user:password@b:4222"], "domain": "prod_1" },
              "usage": { "store": "u.db", "influxdb": { "url": "http://127.0.0.1:8086" } },
              "telemetry": {
                "otlp": "http://127.0.0.1:4317", "otlpProtocol": "grpc", "otlpHeaders": { "Authorization": "Bearer x" }, "prometheus": false,
                "httpMetrics": true, "traces": { "sample": 0.25 }, "attributes": { "deployment.environment.name": "prod" }
              },
              "logging": { "level": "debug", "format": "json" },
            }
            """);

        Assert.Equal(["http://*:8080", "http://[::1]:9090"], configuration.Listen.Select(l => l.ToString()));
        Assert.Equal("s3cret", configuration.Admin.Tokens["admin"]);
        Assert.Equal(["http://10.0.0.1:9000/base/", "https://b.example/"], configuration.Upstream.Select(u => u.AbsoluteUri));
        Assert.Equal(TimeSpan.FromMilliseconds(250), configuration.Forwarding.ConnectTimeout);
        Assert.Equal(TimeSpan.FromHours(1), configuration.Forwarding.ActivityTimeout);
        Assert.False(configuration.Forwarding.Direct);
        Assert.Equal(["10.0.0.0/8", "::1/128", "192.168.0.0/16"], configuration.ClientIp.TrustedProxies.Select(n => n.ToString()));
        Assert.Equal(56, configuration.ClientIp.IPv6PrefixLength);
        Assert.Equal(ForwardedHeader.Forwarded, configuration.ClientIp.Header);
        Assert.Equal(new LimitsConfiguration(5, KeyCapBehavior.Overflow, 0), configuration.Limits);
        Assert.Equal(RuleMode.Shadow, configuration.Mode);
        Assert.Equal("nats://a:4222,tls://user:password@b:4222", configuration.Sharing.Nats.Urls);
        Assert.Equal("prod_1", configuration.Sharing.Domain);
        Assert.Equal(new InfluxDBConfiguration(new Uri("http://127.0.0.1:8086")) { Database = "meliproxy" }, configuration.Usage.InfluxDB);
        Assert.Equal(
            new TelemetryConfiguration
            {
                Prometheus = false,
                Otlp = new OtlpConfiguration(
                    new Uri("http://127.0.0.1:4317"), true, new SettingPairs(new Dictionary<string, string> { ["Authorization"] = "Bearer x" })),
                HttpMetrics = true,
                TraceSample = 0.25,
                Attributes = new SettingPairs(new Dictionary<string, string> { ["deployment.environment.name"] = "prod" }),
            },
            configuration.Telemetry);
        Assert.Equal(new LoggingConfiguration(LogLevel.Debug, LogFormat.Json), configuration.Logging);
    }

    [Fact]
    public void An_InfluxDB_that_nothing_is_recorded_for_is_warned_of() =>
        Assert.Equal(
            "meliproxy.json:1: $.usage.influxdb: has no effect while usage.record is false",
            Assert.Single(ConfigurationFolder.Load("""{ "usage": { "record": false, "influxdb": { "url": "http://influx" } } }""").Warnings).ToString());

    [Fact]
    public void All_settings_of_InfluxDB_arrive()
    {
        SidecarConfiguration first = ConfigurationFolder.LoadValid("""
            { "usage": { "influxdb": {
              "url": "https://influx.example/base", "database": "d", "retentionPolicy": "week", "user": "u", "password": "p", "gzip": false,
              "batchSize": 7, "flushInterval": "250ms", "keyText": "hmac", "keySecret": "0123456789abcdef", "tags": { "dc": "north" } } } }
            """);
        SidecarConfiguration second = ConfigurationFolder.LoadValid(
            """{ "usage": { "influxdb": { "url": "http://influx", "org": "o", "bucket": "b", "token": "t" } } }""");

        Assert.Equal(
            new InfluxDBConfiguration(new Uri("https://influx.example/base"))
            {
                Database = "d",
                RetentionPolicy = "week",
                User = "u",
                Password = "p",
                Gzip = false,
                BatchSize = 7,
                FlushInterval = TimeSpan.FromMilliseconds(250),
                KeyText = InfluxDBKeyText.Hmac,
                KeySecret = "0123456789abcdef",
                Tags = new Dictionary<string, string> { ["dc"] = "north" },
            },
            first.Usage.InfluxDB);
        Assert.Equal(new InfluxDBConfiguration(new Uri("http://influx")) { Org = "o", Bucket = "b", Token = "t" }, second.Usage.InfluxDB);
    }

    [Theory]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://influx" } } }""")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://influx", "bucket": "b", "org": "o", "token": "t" } } }""")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://influx", "user": "u", "password": "p", "keyText": "hmac", "keySecret": "0123456789abcdef" } } }""")]
    public async Task What_is_accepted_makes_a_sink(string json)
    {
        InfluxDBConfiguration configuration = ConfigurationFolder.LoadValid(json).Usage.InfluxDB!;
        await using InfluxDBUsageSink sink = InfluxDBSink.Create(configuration, NullLoggerFactory.Instance, TimeProvider.System);

        Assert.Equal("influxdb", sink.Status.Name);
    }
}
