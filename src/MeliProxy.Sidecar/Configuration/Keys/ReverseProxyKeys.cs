using System.Security.Authentication;
using Yarp.ReverseProxy.Configuration;

namespace MeliProxy.Sidecar.Configuration.Keys;

/// <summary>The settings of YARP's <c>ReverseProxy</c> section, as YARP 2.3 reads them.</summary>
internal static class ReverseProxyKeys
{
    private static readonly KnownKey Boolean = KnownKey.Formed(ValueForm.Boolean);

    private static readonly KnownKey TimeSpan = KnownKey.Formed(ValueForm.TimeSpan);

    private static readonly KnownKey Texts = KnownKey.List(KnownKey.Text);

    private static readonly KnownKey Metadata = KnownKey.MapIgnoringCase(KnownKey.Text);

    private static readonly KnownKey Match = KnownKey.ObjectIgnoringCase(
        ("Path", KnownKey.Text),
        ("Hosts", Texts),
        ("Methods", Texts),
        ("Headers", KnownKey.List(Condition<HeaderMatchMode>())),
        ("QueryParameters", KnownKey.List(Condition<QueryParameterMatchMode>())));

    private static readonly KnownKey Route = KnownKey.ObjectIgnoringCase(
        ("ClusterId", KnownKey.Text),
        ("Order", KnownKey.Formed(ValueForm.Integer)),
        ("MaxRequestBodySize", KnownKey.Formed(ValueForm.LongInteger)),
        ("AuthorizationPolicy", KnownKey.Text),
        ("RateLimiterPolicy", KnownKey.Text),
        ("OutputCachePolicy", KnownKey.Text),
        ("TimeoutPolicy", KnownKey.Text),
        ("Timeout", TimeSpan),
        ("CorsPolicy", KnownKey.Text),
        ("Match", Match),
        ("Metadata", Metadata),
        ("Transforms", KnownKey.List(KnownKey.MapIgnoringCase(KnownKey.Text))));

    private static readonly KnownKey SessionAffinity = KnownKey.ObjectIgnoringCase(
        ("Enabled", Boolean),
        ("Policy", KnownKey.Text),
        ("FailurePolicy", KnownKey.Text),
        ("AffinityKeyName", KnownKey.Text),
        ("Cookie", KnownKey.ObjectIgnoringCase(
            ("Path", KnownKey.Text),
            ("Domain", KnownKey.Text),
            ("HttpOnly", Boolean),
            ("SecurePolicy", Word<CookieSecurePolicy>()),
            ("SameSite", Word<SameSiteMode>()),
            ("Expiration", TimeSpan),
            ("MaxAge", TimeSpan),
            ("IsEssential", Boolean))));

    private static readonly KnownKey HealthCheck = KnownKey.ObjectIgnoringCase(
        ("Passive", KnownKey.ObjectIgnoringCase(
            ("Enabled", Boolean),
            ("Policy", KnownKey.Text),
            ("ReactivationPeriod", TimeSpan))),
        ("Active", KnownKey.ObjectIgnoringCase(
            ("Enabled", Boolean),
            ("Interval", TimeSpan),
            ("Timeout", TimeSpan),
            ("Policy", KnownKey.Text),
            ("Path", KnownKey.Text),
            ("Query", KnownKey.Text))),
        ("AvailableDestinationsPolicy", KnownKey.Text));

    private static readonly KnownKey HttpClient = KnownKey.ObjectIgnoringCase(
        ("SslProtocols", KnownKey.List(Word<SslProtocols>())),
        ("DangerousAcceptAnyServerCertificate", Boolean),
        ("MaxConnectionsPerServer", KnownKey.Formed(ValueForm.Integer)),
        ("EnableMultipleHttp2Connections", Boolean),
        ("RequestHeaderEncoding", KnownKey.Text),
        ("ResponseHeaderEncoding", KnownKey.Text),
        ("WebProxy", KnownKey.ObjectIgnoringCase(
            ("Address", KnownKey.Formed(ValueForm.ProxyAddress)),
            ("BypassOnLocal", Boolean),
            ("UseDefaultCredentials", Boolean))));

    private static readonly KnownKey Cluster = KnownKey.ObjectIgnoringCase(
        ("LoadBalancingPolicy", KnownKey.Text),
        ("SessionAffinity", SessionAffinity),
        ("HealthCheck", HealthCheck),
        ("HttpClient", HttpClient),
        ("HttpRequest", KnownKey.ObjectIgnoringCase(
            ("ActivityTimeout", TimeSpan),
            ("Version", KnownKey.Formed(ValueForm.HttpVersion)),
            ("VersionPolicy", Word<HttpVersionPolicy>()),
            ("AllowResponseBuffering", Boolean))),
        ("Metadata", Metadata),
        ("Destinations", KnownKey.MapIgnoringCase(KnownKey.ObjectIgnoringCase(
            ("Address", KnownKey.Formed(ValueForm.WebAddress)),
            ("Health", KnownKey.Formed(ValueForm.WebAddress)),
            ("Host", KnownKey.Text),
            ("Metadata", Metadata)))));

    public static KnownKey Section { get; } = KnownKey.ObjectIgnoringCase(
        ("Routes", KnownKey.MapIgnoringCase(Route)),
        ("Clusters", KnownKey.MapIgnoringCase(Cluster)));

    private static KnownKey Condition<TMode>()
        where TMode : struct, Enum => KnownKey.ObjectIgnoringCase(
        ("Name", KnownKey.Text),
        ("Values", KnownKey.List(KnownKey.Text)),
        ("Mode", Word<TMode>()),
        ("IsCaseSensitive", KnownKey.Formed(ValueForm.Boolean)));

    private static KnownKey Word<T>()
        where T : struct, Enum => KnownKey.Formed(ValueForm.OneOf(Enum.GetNames<T>()));
}
