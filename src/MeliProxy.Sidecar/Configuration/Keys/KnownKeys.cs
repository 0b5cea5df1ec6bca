namespace MeliProxy.Sidecar.Configuration.Keys;

/// <summary>All settings that exist. The JSON schema names the same ones; a test compares them.</summary>
internal static class KnownKeys
{
    public const string ReverseProxy = "ReverseProxy";

    private static readonly KnownKey Rule = KnownKey.Object(
        ("name", KnownKey.Text),
        ("match", KnownKey.ObjectWithout(
            "endpoint",
            "is for programs with endpoints, and a proxy has none; say which requests are meant by path, methods, hosts or headers",
            ("path", KnownKey.Text),
            ("methods", KnownKey.List(KnownKey.Text)),
            ("hosts", KnownKey.List(KnownKey.Text)),
            ("headers", KnownKey.Map(KnownKey.Text)))),
        ("key", KnownKey.List(KnownKey.Text)),
        ("algorithm", KnownKey.Text),
        ("limit", KnownKey.Number),
        ("window", KnownKey.Text),
        ("calendar", KnownKey.Text),
        ("timeZone", KnownKey.Text),
        ("burst", KnownKey.Number),
        ("cost", KnownKey.Number),
        ("charge", KnownKey.Text),
        ("queue", KnownKey.Object(
            ("limit", KnownKey.Number),
            ("maxWait", KnownKey.Text))),
        ("allow", KnownKey.List(KnownKey.Text)),
        ("deny", KnownKey.List(KnownKey.Text)),
        ("scope", KnownKey.Text),
        ("onPartition", KnownKey.Text),
        ("coldStart", KnownKey.Text),
        ("mode", KnownKey.Text),
        ("enforcePercent", KnownKey.Number),
        ("onMissingKey", KnownKey.Text),
        ("onError", KnownKey.Text));

    private static readonly KnownKey Override = KnownKey.Object(
        ("rule", KnownKey.Text),
        ("key", KnownKey.List(KnownKey.Text)),

        // A number, or a word that variables give as it is.
        ("limit", KnownKey.Number),
        ("burst", KnownKey.Number),
        ("expiresAt", KnownKey.Text));

    private static readonly KnownKey Certificate = KnownKey.Object(
        ("certificate", KnownKey.Text),
        ("key", KnownKey.Text),
        ("password", KnownKey.Text));

    public static KnownKey Root { get; } = KnownKey.Object(
        ("$schema", KnownKey.Text),
        ("listen", KnownKey.OneOrMore(KnownKey.Text)),
        ("tls", Certificate),
        ("admin", KnownKey.Object(
            ("listen", KnownKey.Text),
            ("token", KnownKey.Text),
            ("tokens", KnownKey.Map(KnownKey.Text)),
            ("tls", Certificate),
            ("clientCertificateAuthority", KnownKey.Text),
            ("allowAnonymous", KnownKey.Boolean))),
        ("upstream", KnownKey.OneOrMore(KnownKey.Text)),
        (ReverseProxy, ReverseProxyKeys.Section),
        ("forwarding", KnownKey.Object(
            ("connectTimeout", KnownKey.Text),
            ("activityTimeout", KnownKey.Text),
            ("certificateAuthority", KnownKey.Text),
            ("direct", KnownKey.Boolean))),
        ("clientIp", KnownKey.Object(
            ("trustedProxies", KnownKey.List(KnownKey.Text)),
            ("ipv6PrefixLength", KnownKey.Number),
            ("header", KnownKey.Text))),
        ("rules", KnownKey.List(Rule)),
        ("overrides", KnownKey.List(Override)),
        ("mode", KnownKey.Text),
        ("rulesFile", KnownKey.Text),
        ("limits", KnownKey.Object(
            ("maxKeys", KnownKey.Number),
            ("whenFull", KnownKey.Text),
            ("maxQueued", KnownKey.Number))),
        ("sharing", KnownKey.Object(
            ("nats", KnownKey.OneOrMore(KnownKey.Text)),
            ("domain", KnownKey.Text),
            ("node", KnownKey.Text),
            ("user", KnownKey.Text),
            ("password", KnownKey.Text),
            ("token", KnownKey.Text),
            ("nkeySeedFile", KnownKey.Text),
            ("credentialsFile", KnownKey.Text),
            ("certificateAuthority", KnownKey.Text),
            ("certificate", KnownKey.Text),
            ("key", KnownKey.Text),
            ("replicas", KnownKey.Number))),
        ("state", KnownKey.Text),
        ("usage", KnownKey.Object(
            ("record", KnownKey.Boolean),
            ("store", KnownKey.Text),
            ("retention", KnownKey.Object(
                ("seconds", KnownKey.Text),
                ("minutes", KnownKey.Text),
                ("hours", KnownKey.Text))),
            ("maxSize", KnownKey.Text),
            ("influxdb", KnownKey.Object(
                ("url", KnownKey.Text),
                ("database", KnownKey.Text),
                ("retentionPolicy", KnownKey.Text),
                ("user", KnownKey.Text),
                ("password", KnownKey.Text),
                ("org", KnownKey.Text),
                ("bucket", KnownKey.Text),
                ("token", KnownKey.Text),
                ("gzip", KnownKey.Boolean),
                ("batchSize", KnownKey.Number),
                ("flushInterval", KnownKey.Text),
                ("keyText", KnownKey.Text),
                ("keySecret", KnownKey.Text),
                ("tags", KnownKey.Map(KnownKey.Text)))))),
        ("telemetry", KnownKey.Object(
            ("prometheus", KnownKey.Boolean),
            ("otlp", KnownKey.Text),
            ("otlpProtocol", KnownKey.Text),
            ("otlpHeaders", KnownKey.Map(KnownKey.Text)),
            ("httpMetrics", KnownKey.Boolean),
            ("traces", KnownKey.Object(
                ("sample", KnownKey.Number))),
            ("attributes", KnownKey.Map(KnownKey.Text)))),
        ("logging", KnownKey.Object(
            ("level", KnownKey.Text),
            ("format", KnownKey.Text))));
}
