using System.Text.Json;
using MeliProxy.Dashboards.Tests.Chronograf;

namespace MeliProxy.Dashboards.Tests;

/// <summary>The source that Chronograf is given, and what the containers are given.</summary>
public sealed class SourceShapeTests
{
    [Fact]
    public void The_source_is_an_InfluxDB_1_that_is_taken_unless_another_is_chosen()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(SampleFolder.Resources, "meliproxy.src")));
        JsonElement source = document.RootElement;

        Assert.Equal(
            ["id", "name", "type", "url", "insecureSkipVerify", "default", "telegraf", "defaultRP", "organization"],
            source.EnumerateObject().Select(field => field.Name));
        // Text, unlike that of a dashboard.
        Assert.Equal("90000", source.GetProperty("id").GetString());
        Assert.Equal("influx", source.GetProperty("type").GetString());
        Assert.Equal("http://influxdb:8086", source.GetProperty("url").GetString());
        Assert.True(source.GetProperty("default").GetBoolean());
        Assert.Equal("meliproxy", source.GetProperty("telegraf").GetString());
        Assert.Equal("1s", source.GetProperty("defaultRP").GetString());
        Assert.Equal("default", source.GetProperty("organization").GetString());
    }

    [Fact]
    public void Files_that_containers_are_given_are_there()
    {
        string[] given = [.. File.ReadLines(Path.Combine(SampleFolder.Chronograf, "docker-compose.yml"))
            .Select(line => line.Trim())
            .Where(line => line.StartsWith("- ./", StringComparison.Ordinal))
            .Select(line => line[2..].Split(':')[0])];

        Assert.Equal(["./influxdb/retention.iql", "./resources"], given);
        Assert.All(given, path => Assert.True(Path.Exists(Path.Combine(SampleFolder.Chronograf, path)), path));
    }
}
