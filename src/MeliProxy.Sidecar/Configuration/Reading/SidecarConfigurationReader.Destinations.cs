using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>Where usage statistics go.</content>
internal sealed partial class SidecarConfigurationReader
{
    private const int MaxNameLength = 64;
    private const long MinStoreSize = 4L << 20;
    private const long MaxStoreSize = 1L << 40;
    private static readonly TimeSpan MaxRetention = TimeSpan.FromDays(36_500);

    private UsageConfiguration ReadUsage()
    {
        SettingsSection section = _root.ReadSection("usage");
        bool record = section.Members.ReadBoolean("record") ?? true;
        string? file = section.ReadText("store") ?? (section.IsNull("store") ? null : "meliproxy-usage.db");
        UsageStoreOptions store = ReadStore(section, file ?? "");
        InfluxDBConfiguration? influxdb = section.ReadOptionalSection("influxdb") is { } server ? ReadInfluxDB(server) : null;
        section.Members.RejectUnknown();
        if (influxdb is not null && !record)
        {
            Warn("usage.influxdb", "has no effect while usage.record is false");
        }

        return new UsageConfiguration(record, file is null ? null : store, influxdb);
    }

    private static UsageStoreOptions ReadStore(SettingsSection section, string file)
    {
        UsageStoreOptions defaults = new() { Path = file };
        SettingsSection retention = section.ReadSection("retention");
        UsageStoreOptions store = defaults with
        {
            Seconds = retention.ReadDuration("seconds", defaults.Seconds, TimeSpan.FromMinutes(1), MaxRetention),
            Minutes = retention.ReadDuration("minutes", defaults.Minutes, TimeSpan.FromHours(1), MaxRetention),
            Hours = retention.ReadDuration("hours", defaults.Hours, TimeSpan.FromDays(1), MaxRetention),
            MaxSize = ReadSize(section, "maxSize", defaults.MaxSize),
        };
        retention.Members.RejectUnknown();
        return store;
    }

    private static long ReadSize(SettingsSection section, string name, long absent)
    {
        if (section.ReadText(name) is not { } text)
        {
            return absent;
        }

        if (!SizeText.TryParse(text, out long size))
        {
            section.Members.Error(name, "must be a size such as \"256MB\", in kB, MB or GB");
            return absent;
        }

        if (size is < MinStoreSize or > MaxStoreSize)
        {
            section.Members.Error(name, "must be from 4MB to 1024GB");
            return absent;
        }

        return size;
    }
}
