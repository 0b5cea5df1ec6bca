using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class ComparisonTests
{
    private const string ReverseProxy = """
        { "Routes": { "r": { "ClusterId": "a", "Match": { "Path": "/" } } },
          "Clusters": { "a": { "Destinations": { "d": { "Address": "http://x" } } } } }
        """;

    private static readonly SidecarConfiguration Defaults = ConfigurationFolder.LoadValid("{}");

    [Fact]
    public void The_same_configuration_changes_nothing()
    {
        const string json = $$"""{ "ReverseProxy": {{ReverseProxy}} }""";
        SidecarConfiguration first = ConfigurationFolder.LoadValid(json);
        SidecarConfiguration second = ConfigurationFolder.LoadValid(json);

        Assert.True(first.ForwardsLike(second));
        Assert.Empty(first.SettingsThatNeedRestart(second));
    }

    [Theory]
    [InlineData("""{ "upstream": "http://x" }""")]
    [InlineData("""{ "forwarding": { "connectTimeout": "1s" } }""")]
    [InlineData($$"""{ "ReverseProxy": {{ReverseProxy}} }""")]
    public void Another_way_of_forwarding_is_seen(string json) =>
        Assert.False(ConfigurationFolder.LoadValid(json).ForwardsLike(Defaults));

    [Theory]
    [InlineData("""{ "listen": "http://127.0.0.1:1" }""", "listen")]
    [InlineData("""{ "admin": { "token": "x" } }""", "admin")]
    [InlineData("""{ "limits": { "maxKeys": 1 } }""", "limits")]
    [InlineData("""{ "limits": { "maxQueued": 1 } }""", "limits")]
    [InlineData("""{ "telemetry": { "prometheus": false } }""", "telemetry")]
    [InlineData("""{ "telemetry": { "attributes": { "a": "b" } } }""", "telemetry")]
    [InlineData("""{ "logging": { "format": "json" } }""", "logging.format")]
    public void What_is_read_only_at_the_start_is_named(string json, string setting) =>
        Assert.Equal(setting, Assert.Single(ConfigurationFolder.LoadValid(json).SettingsThatNeedRestart(Defaults)));

    [Theory]
    [InlineData("""{ "logging": { "level": "debug" } }""")]
    [InlineData("""{ "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s" } ] }""")]
    [InlineData("""{ "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s" } ], "overrides": [ { "rule": "a", "key": ["/"], "limit": 0 } ] }""")]
    [InlineData("""{ "mode": "shadow" }""")]
    [InlineData("""{ "clientIp": { "trustedProxies": ["::1"] } }""")]
    [InlineData("""{ "upstream": "http://x" }""")]
    public void What_changes_while_running_needs_no_restart(string json) =>
        Assert.Empty(ConfigurationFolder.LoadValid(json).SettingsThatNeedRestart(Defaults));
}
