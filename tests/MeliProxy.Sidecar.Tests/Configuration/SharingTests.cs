using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Hosting;
using NATS.Client.Core;

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
    [InlineData("""{ "node": "a\nb" }""", "$.sharing.node: must have 1 to 64 characters and no control characters")]
    [InlineData("""{ "domain": "" }""", "$.sharing.domain: must have 1 to 64 characters of a-z, A-Z, 0-9, '_' and '-'")]
    [InlineData("""{ "domain": "*" }""", "$.sharing.domain: must have 1 to 64 characters of a-z, A-Z, 0-9, '_' and '-'")]
    [InlineData("""{ "user": "", "password": "p" }""", "$.sharing.user: must not be empty")]
    [InlineData("""{ "token": 5 }""", "$.sharing.token: must be a string")]
    [InlineData("""{ "nats": "nats://a,nats://b" }""", "$.sharing.nats: 'nats://a,nats://b' must be an absolute nats:// or tls:// URL")]
    [InlineData("""{ "nats": ["nats://a", "nats://u:p,q@b"] }""", "$.sharing.nats[1]: must not hold a comma; write an array for several servers")]
    [InlineData(
        """{ "nats": ["nats://a", "nats://u:p@b"], "user": "u", "password": "p" }""",
        "$.sharing.user: is another way to authenticate than the user in nats; give one")]
    [InlineData(
        """{ "nkeySeedFile": "meliproxy.json", "credentialsFile": "meliproxy.json" }""",
        "$.sharing.credentialsFile: is another way to authenticate than nkeySeedFile; give one")]
    [InlineData("""{ "nkeySeedFile": "none.nk" }""", "$.sharing.nkeySeedFile: there is no file '")]
    [InlineData("""{ "certificateAuthority": "none.pem" }""", "$.sharing.certificateAuthority: there is no file '")]
    [InlineData("""{ "key": "meliproxy.json" }""", "$.sharing.key: takes certificate and key together")]
    [InlineData("""{ "tokne": "t" }""", "$.sharing.tokne: is unknown; did you mean 'token'?")]
    public void What_cannot_be_is_said(string sharing, string error)
    {
        ConfigurationResult result = ConfigurationFolder.Load($$"""{ "sharing": {{sharing}} }""");

        Assert.Contains(error, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "nats": "nats://host" }""", "none")]
    [InlineData("""{ "nats": "nats://u:p@host" }""", "none")]
    [InlineData("""{ "user": "u", "password": "p" }""", "user")]
    [InlineData("""{ "user": null, "password": null, "token": "t" }""", "token")]
    [InlineData("""{ "nkeySeedFile": "meliproxy.json" }""", "nkey")]
    [InlineData("""{ "credentialsFile": "meliproxy.json" }""", "credentials file")]
    public void Each_way_to_log_in_is_read(string sharing, string way) =>
        Assert.Equal(way, ConfigurationFolder.LoadValid($$"""{ "sharing": {{sharing}} }""").Sharing.Login.ToString());

    [Fact]
    public void Everything_that_is_set_reaches_the_client()
    {
        using ConfigurationFolder folder = new();
        string file = folder.Write("some.pem", []);
        SidecarConfiguration configuration = folder.LoadHere(
            """
            { "sharing": { "nats": ["tls://a:4222", "tls://b"], "domain": "shop", "node": "n1", "user": "u", "password": "p", "replicas": 3,
                           "certificateAuthority": "some.pem", "certificate": "some.pem", "key": "some.pem" } }
            """).Configuration!;

        NatsOpts options = NatsLogin.ToOptions(configuration.Sharing);

        Assert.Equal("tls://a:4222,tls://b", options.Url);
        Assert.Equal("MeliProxy n1", options.Name);
        Assert.Equal(("u", "p"), (options.AuthOpts.Username, options.AuthOpts.Password));
        Assert.Equal((file, file, file), (options.TlsOpts.CaFile, options.TlsOpts.CertFile, options.TlsOpts.KeyFile));
        Assert.Equal(("shop", 3), (configuration.Sharing.Domain, configuration.Sharing.Replicas));
    }

    [Theory]
    [InlineData("token", "t")]
    [InlineData("nkeySeedFile", "some.pem")]
    [InlineData("credentialsFile", "some.pem")]
    public void Other_ways_to_log_in_reach_the_client(string setting, string value)
    {
        using ConfigurationFolder folder = new();
        string file = folder.Write("some.pem", []);
        ConfigurationResult result = folder.LoadHere($$"""{ "sharing": { "nats": "nats://a", "{{setting}}": "{{value}}" } }""");

        NatsAuthOpts login = NatsLogin.ToOptions(result.Configuration!.Sharing).AuthOpts;

        Assert.Equal(setting == "token" ? "t" : null, login.Token);
        Assert.Equal(setting == "nkeySeedFile" ? file : null, login.NKeyFile);
        Assert.Equal(setting == "credentialsFile" ? file : null, login.CredsFile);
    }

    [Fact]
    public void Secrets_come_from_the_environment_too()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid(
            """{ "sharing": { "nats": "nats://host", "user": "u" } }""", ("MELIPROXY__SHARING__PASSWORD", "12345"));

        Assert.Equal("12345", configuration.Sharing.Login.Password);
    }

    [Theory]
    [InlineData("""{ "token": "hunter2", "user": "u" }""")]
    [InlineData("""{ "token": "hunter2", "nats": "nats://u:hunter2@host" }""")]
    [InlineData("""{ "password": "hunter2" }""")]
    [InlineData("""{ "nats": "nats://u:hunter2,@host" }""")]
    [InlineData("""{ "nats": "nats://u:hunter2@host/path" }""")]
    public void Secrets_are_not_in_errors(string sharing)
    {
        string[] errors = ConfigurationFolder.ErrorsOf($$"""{ "sharing": {{sharing}} }""");

        Assert.NotEmpty(errors);
        Assert.DoesNotContain("hunter2", string.Join('\n', errors), StringComparison.Ordinal);
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
        SidecarConfiguration asToken = ConfigurationFolder.LoadValid("""{ "sharing": { "token": "hunter2" } }""");

        Assert.DoesNotContain("hunter2", configuration.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", asToken.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", asToken.Sharing.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", inUrl.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("shared", """{ "nats": "nats://host" }""")]
    [InlineData("local", """{ "nats": "nats://host" }""")]
    [InlineData("local", "{}")]
    public void A_rule_that_is_as_shared_as_it_says_is_no_matter_of_warnings(string scope, string sharing)
    {
        ConfigurationResult result = ConfigurationFolder.Load(
            $$"""
            { "sharing": {{sharing}},
              "rules": [{ "name": "r", "key": ["global"], "limit": 1, "window": "1s", "scope": "{{scope}}" }] }
            """);

        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("""{ "token": "b" }""")]
    [InlineData("""{ "token": "a", "domain": "other" }""")]
    [InlineData("""{ "token": "a", "node": "n" }""")]
    [InlineData("""{ "token": "a", "replicas": 3 }""")]
    [InlineData("""{ "token": "a", "certificateAuthority": "meliproxy.json" }""")]
    public void A_change_of_any_of_it_takes_effect_after_a_restart(string sharing)
    {
        SidecarConfiguration before = ConfigurationFolder.LoadValid("""{ "sharing": { "token": "a" } }""");
        SidecarConfiguration after = ConfigurationFolder.LoadValid($$"""{ "sharing": {{sharing}} }""");

        Assert.Equal(["sharing"], after.SettingsThatNeedRestart(before));
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
