using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

/// <summary>With whom quotas are shared, and how a sidecar authenticates to the servers in between.</summary>
public sealed class SharingTests
{
    [Theory]
    [InlineData("""{ "user": "u" }""", "$.sharing.user: takes user and password together")]
    [InlineData("""{ "password": "p" }""", "$.sharing.password: takes user and password together")]
    [InlineData("""{ "user": "u", "password": "p", "token": "t" }""", "$.sharing.token: is another way to authenticate than user; give one")]
    [InlineData(
        """{ "nats": "nats://u:p@host", "token": "t" }""", "$.sharing.token: is another way to authenticate than the user in nats; give one")]
    [InlineData("""{ "credentialsFile": "none.creds" }""", "$.sharing.credentialsFile: there is no file '")]
    [InlineData("""{ "certificate": "meliproxy.json" }""", "$.sharing.certificate: takes certificate and key together")]
    [InlineData("""{ "replicas": 6 }""", "$.sharing.replicas: must be from 1 to 5")]
    [InlineData("""{ "node": "" }""", "$.sharing.node: must not be empty")]
    public void What_cannot_be_is_said(string sharing, string error)
    {
        ConfigurationResult result = ConfigurationFolder.Load($$"""{ "sharing": {{sharing}} }""");

        Assert.Contains(error, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_is_shared_with_nobody_is_noticed()
    {
        ConfigurationResult result = ConfigurationFolder.Load(
            """{ "rules": [{ "name": "r", "key": ["global"], "limit": 1, "window": "1s", "scope": "shared" }] }""");

        Assert.Contains(
            "$.rules[0].scope: 'r' is counted in this process alone until sharing.nats is set",
            Assert.Single(result.Warnings).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_not_in_the_text_of_a_configuration()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            """{ "sharing": { "nats": "nats://host", "user": "u", "password": "hunter2" } }""");
        SidecarConfiguration inUrl = ConfigurationFolder.LoadValid("""{ "sharing": { "nats": "nats://u:hunter2@host" } }""");

        Assert.DoesNotContain("hunter2", configuration.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", inUrl.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_takes_effect_after_a_restart()
    {
        SidecarConfiguration one = ConfigurationFolder.LoadValid("""{ "sharing": { "nats": "nats://a" }, "state": "a.bin" }""");
        SidecarConfiguration other = ConfigurationFolder.LoadValid("""{ "sharing": { "nats": "nats://b" }, "state": null }""");

        Assert.Equal(["sharing", "state"], other.SettingsThatNeedRestart(one));
        Assert.Empty(one.SettingsThatNeedRestart(one));
    }
}
