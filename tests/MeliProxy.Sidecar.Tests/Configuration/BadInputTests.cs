using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class BadInputTests
{
    private const string NoColour =
        "the key part 'colour' is unknown; known are claim, client-ip, cookie, global, header, host, method, path, query, route";

    [Fact]
    public void Every_mistake_is_named_with_path_and_line_in_one_run()
    {
        ConfigurationResult result = ConfigurationFolder.Load(
            """
            {
              // Each line has a mistake of its own.
              "lissten": "http://127.0.0.1:8080",
              "upstream": ["api.example.com"],
              "clientIp": {
                "trustedProxies": ["10.0.0.0/33"] },
              "rules": [
                { "name": "a", "key": ["path"], "window": "1s",
                  "limit": -1 },
                { "name": "b", "key": ["path"], "window": "1s", "limit": 1,
                  "algorithm": "leaky" },
                { "name": "c", "window": "1s", "limit": 1,
                  "key": ["colour"] },
                { "key": ["path"], "window": "1s", "limit": 1,
                  "name": "a" },
              ],
            }
            """);

        Assert.Null(result.Configuration);
        Assert.Equal(
            [
                "meliproxy.json:3: $.lissten: is unknown; did you mean 'listen'?",
                "meliproxy.json:4: $.upstream[0]: 'api.example.com' must be an absolute http:// or https:// URL such as \"https://api.example.com\"",
                "meliproxy.json:6: $.clientIp.trustedProxies[0]: '10.0.0.0/33' is no network; the prefix of such an address has 0 to 32 bits",
                "meliproxy.json:9: $.rules[0].limit: must be from 0 (reject everything) to 10000000 for a window of 1s",
                "meliproxy.json:11: $.rules[1].algorithm: 'leaky' is unknown; use token-bucket, fixed-window, sliding-window, concurrency",
                $"meliproxy.json:13: $.rules[2].key[0]: {NoColour}",
                "meliproxy.json:15: $.rules[3].name: the name 'a' is already taken by $.rules[0]",
            ],
            result.Errors.Select(e => e.ToString()));
    }

    [Fact]
    public void Several_mistakes_in_one_rule_are_all_named()
    {
        ConfigurationResult result = ConfigurationFolder.Load(
            """
            { "rules": [
              { "name": "fine", "key": ["path"], "limit": 1, "window": "1s" },
              { "name": "bad name", "key": ["colour"], "limit": -5, "window": "soon", "algorithm": "leaky", "limmit": 3, "cost": "2" }
            ] }
            """);

        Assert.All(result.Errors, error => Assert.Equal("meliproxy.json:3", error.Origin));
        Assert.Equal(
            ["algorithm", "cost", "key[0]", "limit", "limmit", "name", "window"],
            result.Errors.Select(e => e.Path.Replace("$.rules[1].", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_large_limit_is_not_blamed_for_a_window_that_cannot_be_read() =>
        Assert.Equal(
            "$.rules[0].window",
            Assert.Single(ConfigurationFolder.Load(
                """{ "rules": [ { "name": "a", "key": ["path"], "limit": 99000000000, "burst": 99000000000, "cost": 100, "window": "30 days" } ] }""")
                .Errors).Path);

    [Fact]
    public void A_missing_member_takes_the_line_of_its_object() =>
        Assert.Equal(
            [
                "meliproxy.json:3: $.rules[0]: 'key' is missing",
                "meliproxy.json:3: $.rules[0]: 'limit' is missing",
            ],
            ConfigurationFolder.ErrorsOf("""
                { "rules":
                  [
                    { "name": "a", "window": "1s" }
                  ]
                }
                """));

    [Fact]
    public void A_broken_rule_does_not_shift_the_errors_of_those_after_it() =>
        Assert.Equal(
            [
                "meliproxy.json:2: $.rules[0]: must be an object",
                $"meliproxy.json:3: $.rules[1].key[0]: {NoColour}",
            ],
            ConfigurationFolder.ErrorsOf("""
                { "rules": [
                  5,
                  { "name": "b", "key": ["colour"], "limit": 1, "window": "1s" }
                ] }
                """));

    [Fact]
    public void A_rule_whose_name_is_taken_is_checked_all_the_same() =>
        Assert.Equal(
            [
                "meliproxy.json:3: $.rules[1].name: the name 'a' is already taken by $.rules[0]",
                $"meliproxy.json:3: $.rules[1].key[0]: {NoColour}",
            ],
            ConfigurationFolder.ErrorsOf("""
                { "rules": [
                  { "name": "a", "key": ["path"], "limit": 1, "window": "1s" },
                  { "name": "a", "key": ["colour"], "limit": 1, "window": "1s" }
                ] }
                """));

    [Fact]
    public void A_part_of_a_match_that_cannot_be_read_is_named_once_and_hides_no_other() =>
        Assert.Equal(
            [
                "$.rules[0].match.methods[0]: must be a string",
                "$.rules[0].match.hosts[0]: must be a string",
                "$.rules[0].match.methods[1]: 'G T' is no HTTP method; leave methods out to match any",
            ],
            ConfigurationFolder.Load("""
                { "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s",
                  "match": { "methods": [null, "G T"], "hosts": [7] } } ] }
                """).Errors.Select(e => $"{e.Path}: {e.Message}"));

    [Fact]
    public void Mistakes_in_rules_and_overrides_are_named_with_their_lines() =>
        Assert.Equal(
            [
                "meliproxy.json:3: $.rules[0].calendar: 'week' is unknown; use minute, hour, day, month",
                "meliproxy.json:4: $.rules[0].queue.maxWait: must be from 1ms to 1h, in whole milliseconds",
                "meliproxy.json:5: $.rules[0].allow[1]: must be a key part, '=' and a value, such as \"client-ip=10.0.0.0/8\"",
                "meliproxy.json:6: $.rules[0].queues: is unknown; did you mean 'queue'?",
                "meliproxy.json:8: $.overrides[0].limit: must be a whole number or \"unlimited\"",
                "meliproxy.json:9: $.overrides[1].key: must have a value for each key part of 'a': path, method",
                "meliproxy.json:10: $.overrides[2]: the rule 'a' has an override for this key already, $.overrides[0]",
                "meliproxy.json:11: $.overrides[3].colour: is unknown here; known are rule, key, limit, burst, expiresAt",
                "meliproxy.json:11: $.overrides[3]: 'limit' is missing",
                "meliproxy.json:12: $.overrides[4].expiresAt: must be a date and time with an offset from UTC, such as \"2026-01-31T12:00:00Z\"",
            ],
            ConfigurationFolder.ErrorsOf("""
                { "rules": [
                  { "name": "a", "key": ["path", "method"], "limit": 1, "algorithm": "fixed-window",
                    "calendar": "week",
                    "queue": { "limit": 1, "maxWait": "2h" },
                    "allow": ["client-ip=::1", "::1"],
                    "queues": 1 } ],
                  "overrides": [
                    { "rule": "a", "key": ["/", "GET"], "limit": "none" },
                    { "rule": "a", "key": ["/"], "limit": 1 },
                    { "rule": "a", "key": ["/", "GET"], "limit": 1 },
                    { "rule": "a", "key": ["/x", ""], "colour": 1 },
                    { "rule": "a", "key": ["/y", ""], "limit": 1, "expiresAt": "tomorrow" }
                ] }
                """));

    [Theory]
    [InlineData("""{ "limits": { "maxkeys": 5 } }""", "$.limits.maxkeys: is unknown; did you mean 'maxKeys'?")]
    [InlineData("""{ "limits": { "max_keys": 5 } }""", "$.limits.max_keys: is unknown; did you mean 'maxKeys'?")]
    [InlineData("""{ "limits": { "colour": 5 } }""", "$.limits.colour: is unknown here; known are maxKeys, whenFull, maxQueued")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "databse": "y" } } }""", "$.usage.influxdb.databse: is unknown; did you mean 'database'?")]
    [InlineData("""{ "reverseproxy": {} }""", "$.reverseproxy: is unknown; did you mean 'ReverseProxy'?")]
    [InlineData("""{ "admin": 5 }""", "$.admin: must be an object")]
    [InlineData("""{ "rules": {} }""", "$.rules: must be an array of rules")]
    [InlineData("""{ "limits": { "maxKeys": 0 } }""", "$.limits.maxKeys: must be from 1 to 100000000")]
    [InlineData("""{ "limits": { "whenFull": "explode" } }""", "$.limits.whenFull: 'explode' is unknown; use admit, reject, overflow")]
    [InlineData("""{ "limits": { "maxQueued": -1 } }""", "$.limits.maxQueued: must be from 0 to 1000000")]
    [InlineData("""{ "limits": { "maxQueued": 1000001 } }""", "$.limits.maxQueued: must be from 0 to 1000000")]
    [InlineData("""{ "mode": "off" }""", "$.mode: 'off' is unknown; use enforce, shadow")]
    [InlineData("""{ "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s", "match": { "endpoint": true } } ] }""", "$.rules[0].match.endpoint: is for programs with endpoints, and a proxy has none; say which requests are meant by path, methods, hosts or headers")]
    [InlineData("""{ "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s", "charge": "tokens" } ] }""", "$.rules[0].charge: 'tokens' is nothing that a proxy measures; use request-bytes, response-bytes, response-header:NAME")]
    [InlineData("""{ "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s", "charge": "response-header" } ] }""", "$.rules[0].charge: 'response-header' is nothing that a proxy measures; use request-bytes, response-bytes, response-header:NAME")]
    [InlineData("""{ "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s", "charge": "response-header:a/b" } ] }""", "$.rules[0].charge: 'response-header:a/b' is nothing that a proxy measures; use request-bytes, response-bytes, response-header:NAME")]
    [InlineData("""{ "rules": [ { "name": "a", "key": ["path"], "limit": 1, "window": "1s", "charge": "Bytes!" } ] }""", "$.rules[0].charge: must be a name of 1 to 64 characters of a-z, 0-9 and '-', which ':' and visible ASCII characters may follow")]
    [InlineData("""{ "overrides": {} }""", "$.overrides: must be an array of overrides")]
    [InlineData("""{ "overrides": [ { "rule": "a", "key": ["x"], "limit": 1 } ] }""", "$.overrides[0].rule: there is no rule 'a'")]
    [InlineData("""{ "clientIp": { "ipv6PrefixLength": 129 } }""", "$.clientIp.ipv6PrefixLength: must be from 0 to 128")]
    [InlineData("""{ "clientIp": { "trustedProxies": [null] } }""", "$.clientIp.trustedProxies[0]: must be a string")]
    [InlineData("""{ "forwarding": { "connectTimeout": "0s" } }""", "$.forwarding.connectTimeout: must be from 1ms to 1d")]
    [InlineData("""{ "sharing": { "domain": "a.b" } }""", "$.sharing.domain: must have 1 to 64 characters of a-z, A-Z, 0-9, '_' and '-'")]
    [InlineData("""{ "sharing": { "nats": "http://x" } }""", "$.sharing.nats: 'http://x' must be an absolute nats:// or tls:// URL such as \"nats://127.0.0.1:4222\"")]
    [InlineData("""{ "usage": { "influxdb": {} } }""", "$.usage.influxdb: 'url' is missing")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "database": "d", "bucket": "b" } } }""", "$.usage.influxdb.database: is of InfluxDB 1.x, and bucket of later versions; give one")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "org": "o" } } }""", "$.usage.influxdb.org: goes with bucket, which is not given")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "user": "u" } } }""", "$.usage.influxdb.user: takes user and password together")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "user": "u", "password": "p", "token": "t" } } }""", "$.usage.influxdb.token: is another way to authenticate than user; give one")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "token": "two words" } } }""", "$.usage.influxdb.token: must have visible ASCII characters only")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "keyText": "hmac", "keySecret": "short" } } }""", "$.usage.influxdb.keySecret: of 16 characters or more has to be given with keyText hmac")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "keyText": "hash" } } }""", "$.usage.influxdb.keyText: 'hash' is unknown; use plain, hmac, none")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "flushInterval": "2m" } } }""", "$.usage.influxdb.flushInterval: must be from 0ms to 1m")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "batchSize": 0 } } }""", "$.usage.influxdb.batchSize: must be from 1 to 100000")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "tags": { "node": "n" } } } }""", "$.usage.influxdb.tags.node: is a name that points use already; choose another")]
    [InlineData("""{ "usage": { "influxdb": { "url": "http://x", "tags": { "dc": "" } } } }""", "$.usage.influxdb.tags.dc: must have a name and value of 1 to 64 characters, and no control characters")]
    [InlineData("""{ "upstream": [] }""", "$.upstream: must be a string or an array of one or more strings")]
    [InlineData("""{ "upstream": "http://x?y" }""", "$.upstream: must not have a query or fragment")]
    [InlineData("""{ "upstream": "http://x:99999" }""", "$.upstream: 'http://x:99999' must be an absolute http:// or https:// URL such as \"https://api.example.com\"")]
    [InlineData("""{ "upstream": "ftp://x" }""", "$.upstream: 'ftp://x' must be an absolute http:// or https:// URL such as \"https://api.example.com\"")]
    [InlineData("""{ "upstream": ["http://x", "http://x/"] }""", "$.upstream[1]: 'http://x/' is given twice")]
    [InlineData("""{ "listen": "https://127.0.0.1:1" }""", "$.listen: https://127.0.0.1:1 needs a certificate; set tls.certificate")]
    [InlineData("""{ "listen": ["http://*:1", "http://127.0.0.1:1"] }""", "$.listen[1]: http://127.0.0.1:1 is already taken by $.listen[0]")]
    [InlineData("""{ "listen": "http://0.0.0.0:8081" }""", "$.admin.listen: http://127.0.0.1:8081 is already taken by $.listen")]
    [InlineData("""{ "admin": { "listen": "http://0.0.0.0:1" } }""", "$.admin.listen: http://0.0.0.0:1 can be reached from other machines, so admin.token must be set, or admin.clientCertificateAuthority; admin.allowAnonymous lets everyone change the rules who can connect")]
    [InlineData("""{ "admin": { "token": "" } }""", "$.admin.token: must not be empty")]
    [InlineData("""{ "logging": { "level": "loud" } }""", "$.logging.level: 'loud' is unknown; use trace, debug, information, warning, error, none")]
    [InlineData("""{ "telemetry": { "prometheus": "yes" } }""", "$.telemetry.prometheus: must be true or false")]
    [InlineData("""{ "telemetry": { "otlpProtocol": "http" } }""", "$.telemetry.otlpProtocol: 'http' is unknown; use http/protobuf, grpc")]
    [InlineData("""{ "telemetry": { "otlpHeaders": { "A B": "x" } } }""", "$.telemetry.otlpHeaders.A B: must have the name of a header, such as \"Authorization\"")]
    [InlineData("""{ "telemetry": { "otlpHeaders": { "A": "x\r\nB: y" } } }""", "$.telemetry.otlpHeaders.A: must consist of visible ASCII characters and spaces, as it is sent in a header")]
    [InlineData("""{ "telemetry": { "traces": { "sample": 1.5 } } }""", "$.telemetry.traces.sample: must be a number from 0 to 1: the share of traces that is recorded")]
    [InlineData("""{ "telemetry": { "traces": { "sample": "all" } } }""", "$.telemetry.traces.sample: must be a number from 0 to 1: the share of traces that is recorded")]
    [InlineData("""{ "telemetry": { "attributes": { "": "x" } } }""", "$.telemetry.attributes.: a name must not be empty")]
    [InlineData("""{ "listen": "http://127.0.0.1:1", "listen": "http://127.0.0.1:2" }""", "$.listen: is given twice")]
    public void A_bad_value_is_named(string json, string error) =>
        Assert.Equal($"meliproxy.json:1: {error}", Assert.Single(ConfigurationFolder.ErrorsOf(json)));

    [Fact]
    public void Secrets_are_not_repeated()
    {
        const string secret = "hunter2";
        ConfigurationResult result = ConfigurationFolder.Load(
            $$"""
            {
              "admin": { "listen": "http://admin:{{secret}}@127.0.0.1:8081", "token": "two words {{secret}}" },
              "upstream": "http://user:{{secret}}@api.example",
              "tls": { "certificate": "absent.pem", "password": "{{secret}}" },
              "sharing": { "nats": ["nats://user:{{secret}}@host:99999", "http://user:{{secret}}@host"] },
              "usage": { "influxdb": { "url": "http://127.0.0.1:8086?p={{secret}}" } },
              "telemetry": { "otlp": "http://a:{{secret}}@b", "otlpHeaders": { "Authorization": "{{secret}}\n" } }
            }
            """);

        Assert.Equal(9, result.Errors.Count);
        Assert.DoesNotContain(secret, string.Join('\n', result.Errors.Concat(result.Warnings)), StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_are_not_in_the_text_of_a_configuration()
    {
        SidecarConfiguration configuration = ConfigurationFolder.LoadValid("""{ "admin": { "token": "hunter2" } }""");
        TlsConfiguration tls = new("a.pem", null, "hunter2");
        InfluxDBConfiguration influxdb = new(new Uri("http://x")) { Password = "hunter2", Token = "hunter2", KeySecret = "hunter2" };

        Assert.DoesNotContain("hunter2", $"{configuration} {configuration.Admin} {tls} {influxdb}", StringComparison.Ordinal);
    }
}
