namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>Whom the sidecar tells of usage.</content>
internal sealed partial class SidecarConfigurationReader
{
    private const int MaxNameLength = 64;

    private UsageConfiguration ReadUsage()
    {
        SettingsSection section = _root.ReadSection("usage");
        bool record = section.Members.ReadBoolean("record") ?? true;
        string? store = section.ReadText("store") ?? (section.IsNull("store") ? null : "meliproxy-usage.db");
        InfluxDBConfiguration? influxdb = section.ReadOptionalSection("influxdb") is { } server ? ReadInfluxDB(server) : null;
        section.Members.RejectUnknown();
        if (influxdb is not null)
        {
            Warn("usage.influxdb", "this version does not write to InfluxDB");
        }

        return new UsageConfiguration(record, store, influxdb);
    }

    private static InfluxDBConfiguration? ReadInfluxDB(SettingsSection section)
    {
        Uri? url = section.ReadUrl("url", UrlForm.Web, required: true);
        string database = section.ReadText("database") ?? "meliproxy";
        if (database.Length > MaxNameLength || database.Any(char.IsControl))
        {
            section.Members.Error("database", $"must have 1 to {MaxNameLength} characters and no control characters");
        }

        section.Members.RejectUnknown();
        return url is null ? null : new InfluxDBConfiguration(url, database);
    }

    private TelemetryConfiguration ReadTelemetry()
    {
        SettingsSection section = _root.ReadSection("telemetry");
        Uri? otlp = section.ReadUrl("otlp", UrlForm.Web);
        bool prometheus = section.Members.ReadBoolean("prometheus") ?? true;
        section.Members.RejectUnknown();
        if (otlp is not null)
        {
            Warn("telemetry.otlp", "this version does not send telemetry over OTLP");
        }

        return new TelemetryConfiguration(otlp, prometheus);
    }
}
