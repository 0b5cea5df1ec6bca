using System.Text.Json;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>How the sidecar reports on itself.</content>
internal sealed partial class SidecarConfigurationReader
{
    private TelemetryConfiguration ReadTelemetry()
    {
        SettingsSection section = _root.ReadSection("telemetry");
        Uri? url = section.ReadUrl("otlp", UrlForm.Web);
        bool usesGrpc = section.Members.ReadChoice("otlpProtocol", [("http/protobuf", false), ("grpc", true)], false);
        SettingPairs headers = ReadOtlpHeaders(section);
        TelemetryConfiguration telemetry = new()
        {
            Prometheus = section.Members.ReadBoolean("prometheus") ?? true,
            Otlp = url is null ? null : new OtlpConfiguration(url, usesGrpc, headers),
            HttpMetrics = section.Members.ReadBoolean("httpMetrics") ?? false,
            TraceSample = ReadTraceSample(section.ReadSection("traces")),
            Attributes = ReadAttributes(section),
        };
        section.Members.RejectUnknown();
        if (url is null)
        {
            WarnOfUnsent(section, telemetry, usesGrpc || headers.Count > 0);
        }

        return telemetry;
    }

    private static SettingPairs ReadOtlpHeaders(SettingsSection section)
    {
        IReadOnlyDictionary<string, string> headers = section.Members.ReadStringMap("otlpHeaders");
        foreach ((string name, string value) in headers)
        {
            if (!IsHeaderName(name))
            {
                section.Members.Error($"otlpHeaders.{name}", "must have the name of a header, such as \"Authorization\"");
            }
            else if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                section.Members.Error($"otlpHeaders.{name}", "must consist of visible ASCII characters and spaces, as it is sent in a header");
            }
        }

        return new SettingPairs(headers);
    }

    private static double ReadTraceSample(SettingsSection section)
    {
        double share = 0;
        if (section.Members.ReadElement("sample") is { } value
            && (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out share) || share is not (>= 0 and <= 1)))
        {
            section.Members.Error("sample", "must be a number from 0 to 1: the share of traces that is recorded");
        }

        section.Members.RejectUnknown();
        return share;
    }

    private static SettingPairs ReadAttributes(SettingsSection section)
    {
        IReadOnlyDictionary<string, string> attributes = section.Members.ReadStringMap("attributes");
        foreach (string name in attributes.Keys.Where(name => name.Length is < 1 or > MaxNameLength || name.Any(char.IsControl)))
        {
            section.Members.Error($"attributes.{name}", $"must have a name of 1 to {MaxNameLength} characters, and no control characters");
        }

        return new SettingPairs(attributes);
    }

    private void WarnOfUnsent(SettingsSection section, TelemetryConfiguration telemetry, bool saysHow)
    {
        if (telemetry.TraceSample > 0)
        {
            Warn("telemetry.traces.sample", "has no effect until telemetry.otlp says where traces go");
        }

        if (saysHow)
        {
            Warn(section.Has("otlpHeaders") ? "telemetry.otlpHeaders" : "telemetry.otlpProtocol", "has no effect until telemetry.otlp is set");
        }
    }

    private static bool IsHeaderName(string name)
    {
        using HttpRequestMessage request = new();
        return request.Headers.TryAddWithoutValidation(name, "");
    }
}
