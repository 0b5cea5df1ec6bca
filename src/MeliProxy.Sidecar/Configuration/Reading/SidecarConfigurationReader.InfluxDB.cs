using MeliProxy.RateLimiting.InfluxDB;

namespace MeliProxy.Sidecar.Configuration.Reading;

/// <content>The InfluxDB that usage is written to.</content>
internal sealed partial class SidecarConfigurationReader
{
    private const int LeastKeySecret = 16;
    private const int MaxTags = 16;
    private static readonly string[] OwnTags = ["node", "rule", "mode", "route", "class", "rank", "time"];

    private static InfluxDBConfiguration? ReadInfluxDB(SettingsSection section)
    {
        Uri? url = section.ReadUrl("url", UrlForm.Web, required: true);
        string? bucket = ReadInfluxName(section, "bucket");
        InfluxDBConfiguration influxdb = new(url!)
        {
            Database = ReadInfluxName(section, "database") ?? (section.Has("bucket") ? null : "meliproxy"),
            RetentionPolicy = ReadInfluxName(section, "retentionPolicy"),
            User = section.ReadText("user"),
            Password = section.ReadText("password"),
            Org = ReadInfluxName(section, "org"),
            Bucket = bucket,
            Token = section.ReadText("token"),
            Gzip = section.Members.ReadBoolean("gzip") ?? true,
            BatchSize = (int)section.ReadInteger("batchSize", absent: 1000, min: 1, max: 100_000),
            FlushInterval = section.ReadDuration("flushInterval", TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeSpan.FromMinutes(1)),
            KeyText = section.Members.ReadChoice(
                "keyText",
                [("plain", InfluxDBKeyText.Plain), ("hmac", InfluxDBKeyText.Hmac), ("none", InfluxDBKeyText.None)],
                InfluxDBKeyText.Plain),
            KeySecret = section.ReadText("keySecret"),
            Tags = section.Members.ReadStringMap("tags"),
        };
        CheckInfluxDB(section, influxdb);
        section.Members.RejectUnknown();
        return url is null ? null : influxdb;
    }

    private static void CheckInfluxDB(SettingsSection section, InfluxDBConfiguration influxdb)
    {
        foreach (string name in (ReadOnlySpan<string>)["database", "retentionPolicy"])
        {
            if (section.Has("bucket") && section.Has(name))
            {
                section.Members.Error(name, "is of InfluxDB 1.x, and bucket of later versions; give one");
            }
        }

        if (section.Has("org") && !section.Has("bucket"))
        {
            section.Members.Error("org", "goes with bucket, which is not given");
        }

        if (section.Has("user") != section.Has("password"))
        {
            section.Members.Error(section.Has("user") ? "user" : "password", "takes user and password together");
        }

        if (influxdb.User?.Contains(':', StringComparison.Ordinal) == true)
        {
            section.Members.Error("user", "must not hold a colon");
        }

        if (section.Has("token") && section.Has("user"))
        {
            section.Members.Error("token", "is another way to authenticate than user; give one");
        }

        if (influxdb.Token?.Any(c => c is < '!' or > '~') == true)
        {
            section.Members.Error("token", "must have visible ASCII characters only");
        }

        if (influxdb.KeyText == InfluxDBKeyText.Hmac && !(influxdb.KeySecret?.Length >= LeastKeySecret))
        {
            section.Members.Error("keySecret", $"of {LeastKeySecret} characters or more has to be given with keyText hmac");
        }

        CheckInfluxTags(section, influxdb.Tags);
    }

    private static void CheckInfluxTags(SettingsSection section, IReadOnlyDictionary<string, string> tags)
    {
        if (tags.Count > MaxTags)
        {
            section.Members.Error("tags", $"must be {MaxTags} at most");
        }

        foreach ((string name, string value) in tags)
        {
            if (OwnTags.Contains(name))
            {
                section.Members.Error($"tags.{name}", "is a name that points use already; choose another");
            }
            else if (name.Length is < 1 or > MaxNameLength || value.Length is < 1 or > MaxNameLength
                || name.Any(char.IsControl) || value.Any(char.IsControl))
            {
                section.Members.Error($"tags.{name}", $"must have a name and value of 1 to {MaxNameLength} characters, and no control characters");
            }
        }
    }

    private static string? ReadInfluxName(SettingsSection section, string name)
    {
        string? text = section.ReadText(name);
        if (text is not null && (text.Length > MaxNameLength || text.Any(char.IsControl)))
        {
            section.Members.Error(name, $"must have 1 to {MaxNameLength} characters and no control characters");
        }

        return text;
    }
}
