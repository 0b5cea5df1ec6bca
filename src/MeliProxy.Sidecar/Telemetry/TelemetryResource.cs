using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Control;
using OpenTelemetry.Resources;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>What telemetry says of the process that it is about.</summary>
internal static class TelemetryResource
{
    /// <summary>What the sidecar knows, then what the environment says in <c>OTEL_RESOURCE_ATTRIBUTES</c>, then the settings; the last one counts.</summary>
    public static ResourceBuilder Describe(SidecarConfiguration configuration, string node) =>
        ResourceBuilder.CreateEmpty()
            .AddTelemetrySdk()
            .AddAttributes(
            [
                new("service.name", "meliproxy"),
                new("service.version", NodeReports.Version),
                new("service.instance.id", node),
                new("host.name", Environment.MachineName),
                new("meliproxy.domain", configuration.Sharing.Domain),
            ])
            .AddEnvironmentVariableDetector()
            .AddAttributes(configuration.Telemetry.Attributes.All.Select(pair => KeyValuePair.Create(pair.Key, (object)pair.Value)));
}
