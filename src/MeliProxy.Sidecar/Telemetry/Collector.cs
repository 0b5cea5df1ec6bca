using MeliProxy.Sidecar.Configuration;
using OpenTelemetry.Exporter;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Tells exporters of OTLP where the collector is and how it is spoken to.</summary>
internal sealed class Collector
{
    private readonly OtlpConfiguration _configuration;
    private readonly ILogger _logger;

    public Collector(OtlpConfiguration configuration, ILogger logger)
    {
        _configuration = configuration;
        _logger = logger;
    }

    /// <summary>Tells an exporter.</summary>
    /// <param name="options">What is to be told. Timeouts, compression and more headers come from the environment, as OpenTelemetry has it.</param>
    /// <param name="signal">What it exports, as the path of OTLP over HTTP names it.</param>
    public void Configure(OtlpExporterOptions options, string signal)
    {
        options.Protocol = _configuration.UsesGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = _configuration.UsesGrpc
            ? _configuration.Url
            : new Uri($"{_configuration.Url.AbsoluteUri.TrimEnd('/')}/v1/{signal}");
        TimeSpan timeout = TimeSpan.FromMilliseconds(options.TimeoutMilliseconds);
        options.HttpClientFactory = () => CreateClient(signal, timeout);
    }

    private HttpClient CreateClient(string signal, TimeSpan timeout)
    {
        HttpClient client = new(new CollectorLink(signal, _configuration.Url, _logger)) { Timeout = timeout };
        foreach ((string name, string value) in _configuration.Headers.All)
        {
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
        }

        return client;
    }
}
