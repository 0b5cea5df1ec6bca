using System.Text.Json.Nodes;

namespace MeliProxy.Sidecar.Configuration.Sources;

/// <summary>Lays the options of the command line over a tree.</summary>
internal static class CommandLineOverrides
{
    public static void Apply(CommandLineValues values, ConfigurationTree tree)
    {
        Set("--listen", values.Listen, "listen");
        Set("--upstream", values.Upstream, "upstream");
        Set("--admin", One(values.Admin), "admin", "listen");
        Set("--nats", One(values.Nats), "sharing", "nats");
        Set("--influx", One(values.Influx), "usage", "influxdb", "url");

        void Set(string option, IReadOnlyList<string> texts, params string[] names)
        {
            if (texts.Count > 0)
            {
                JsonNode value = texts.Count == 1
                    ? JsonValue.Create(texts[0])
                    : new JsonArray([.. texts.Select(t => JsonValue.Create(t))]);
                TreeOverride.Apply(tree, names, _ => value, ConfigurationOrigin.Option(option));
            }
        }
    }

    private static string[] One(string? value) => value is null ? [] : [value];
}
