using System.Globalization;
using System.Text;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>Makes the HTTP client of a cluster, with the settings of <c>forwarding</c> that YARP has no words for.</summary>
internal sealed class UpstreamClientFactory : ForwarderHttpClientFactory
{
    public const string ConnectTimeoutKey = "MeliProxy.ConnectTimeout";
    public const string CertificateAuthorityKey = "MeliProxy.CertificateAuthority";

    private readonly bool _traces;

    public UpstreamClientFactory(ILogger<ForwarderHttpClientFactory> logger, TelemetryConfiguration telemetry)
        : base(logger) => _traces = telemetry.Traces;

    protected override bool CanReuseOldClient(ForwarderHttpClientContext context) =>
        base.CanReuseOldClient(context)
        && Setting(context.OldMetadata, ConnectTimeoutKey) == Setting(context.NewMetadata, ConnectTimeoutKey)
        && Setting(context.OldMetadata, CertificateAuthorityKey) == Setting(context.NewMetadata, CertificateAuthorityKey);

    protected override void ConfigureHandler(ForwarderHttpClientContext context, SocketsHttpHandler handler)
    {
        // Header bytes that are not ASCII pass as they are; a cluster's own setting comes after.
        handler.RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1;
        handler.ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1;

        // Without tracing, what the client says of traces is handed on with its other headers; there is nothing to add to it.
        handler.ActivityHeadersPropagator = _traces ? TraceContextPropagator.Instance : null;
        base.ConfigureHandler(context, handler);
        if (Setting(context.NewMetadata, ConnectTimeoutKey) is { } connectTimeout)
        {
            handler.ConnectTimeout = TimeSpan.ParseExact(connectTimeout, "c", CultureInfo.InvariantCulture);
        }

        if (Setting(context.NewMetadata, CertificateAuthorityKey) is { } certificateAuthority)
        {
            handler.SslOptions.CertificateChainPolicy = UpstreamCertificates.CreateChainPolicy(certificateAuthority);
        }
    }

    private static string? Setting(IReadOnlyDictionary<string, string>? metadata, string key) => metadata?.GetValueOrDefault(key);
}
