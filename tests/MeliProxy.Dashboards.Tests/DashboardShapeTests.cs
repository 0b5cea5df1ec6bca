using System.Text.Json;
using System.Text.RegularExpressions;
using MeliProxy.Dashboards.Tests.Chronograf;

namespace MeliProxy.Dashboards.Tests;

/// <summary>
/// The files have the shape that Chronograf 1.9 and 1.10 read, field by field. It leaves out what it does not know and fills in what is not
/// there without a word, so that nothing else would tell of a mistake.
/// </summary>
public sealed partial class DashboardShapeTests
{
    private const int Columns = 12;

    private static readonly string[] CellTypes =
        ["line", "line-stacked", "line-stepplot", "bar", "line-plus-single-stat", "single-stat", "gauge", "table"];

    public static TheoryData<string> Names { get; } = [.. Dashboard.Names];

    [Theory, MemberData(nameof(Names))]
    public void A_dashboard_has_an_id_of_its_own_and_no_other_fields_than_Chronograf_reads(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Dashboard.ReadText(name));

        HasFields(document.RootElement, "id", "organization", "name", "templates", "cells");
        Assert.InRange(document.RootElement.GetProperty("id").GetInt32(), 90_000, int.MaxValue);
        Assert.Equal("default", document.RootElement.GetProperty("organization").GetString());
        // The most that the field for it in the browser takes.
        Assert.InRange(document.RootElement.GetProperty("name").GetString()!.Length, 1, 50);
        Assert.Equal(Dashboard.Names.Count(), Dashboard.Names.Select(other => Dashboard.Read(other).Id).Distinct().Count());
    }

    [Theory, MemberData(nameof(Names))]
    public void A_dashboard_survives_the_templates_of_Go_that_it_is_read_through(string name) =>
        Assert.DoesNotContain("{{", Dashboard.ReadText(name), StringComparison.Ordinal);

    [Theory, MemberData(nameof(Names))]
    public void Cells_have_every_field_that_Chronograf_reads_and_values_that_it_takes(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Dashboard.ReadText(name));
        JsonElement[] cells = [.. document.RootElement.GetProperty("cells").EnumerateArray()];

        Assert.Equal(cells.Length, cells.Select(cell => cell.GetProperty("i").GetString()).Distinct().Count());
        Assert.All(cells, cell =>
        {
            HasFields(
                cell, "i", "x", "y", "w", "h", "name", "queries", "type", "axes", "colors", "legend", "tableOptions", "fieldOptions", "timeFormat",
                "decimalPlaces", "note", "noteVisibility");
            Assert.Matches("^[a-z0-9-]+$", cell.GetProperty("i").GetString());
            Assert.NotEqual("", cell.GetProperty("name").GetString());
            Assert.Contains(cell.GetProperty("type").GetString(), CellTypes);
            Assert.NotEmpty(cell.GetProperty("queries").EnumerateArray());
            Assert.All(cell.GetProperty("queries").EnumerateArray(), HasQueryShape);
            HasFields(cell.GetProperty("axes"), "x", "y", "y2");
            Assert.All(cell.GetProperty("axes").EnumerateObject(), axis => HasAxisShape(axis.Value));
            HasColors(cell.GetProperty("type").GetString()!, [.. cell.GetProperty("colors").EnumerateArray()]);
            HasLegendShape(cell.GetProperty("legend"));
            HasFields(cell.GetProperty("tableOptions"), "verticalTimeAxis", "sortBy", "wrapping", "fixFirstColumn");
            HasFieldShape(cell.GetProperty("tableOptions").GetProperty("sortBy"));
            Assert.Contains(cell.GetProperty("tableOptions").GetProperty("wrapping").GetString(), new[] { "truncate", "wrap", "single-line" });
            Assert.NotEmpty(cell.GetProperty("fieldOptions").EnumerateArray());
            Assert.All(cell.GetProperty("fieldOptions").EnumerateArray(), HasFieldShape);
            Assert.Equal("YYYY-MM-DD HH:mm:ss", cell.GetProperty("timeFormat").GetString());
            HasFields(cell.GetProperty("decimalPlaces"), "isEnforced", "digits");
            Assert.True(cell.GetProperty("decimalPlaces").GetProperty("isEnforced").GetBoolean());
            Assert.InRange(cell.GetProperty("decimalPlaces").GetProperty("digits").GetInt32(), 0, 10);
            Assert.Equal(
                cell.GetProperty("note").GetString() == "" ? "default" : "showWhenNoData", cell.GetProperty("noteVisibility").GetString());
        });
    }

    [Theory, MemberData(nameof(Names))]
    public void Cells_are_within_the_grid_and_none_covers_another(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Dashboard.ReadText(name));
        var taken = new HashSet<(int X, int Y)>();

        Assert.All(document.RootElement.GetProperty("cells").EnumerateArray(), cell =>
        {
            int x = cell.GetProperty("x").GetInt32();
            int y = cell.GetProperty("y").GetInt32();
            int width = cell.GetProperty("w").GetInt32();
            Assert.InRange(x, 0, Columns - 1);
            Assert.InRange(width, 1, Columns - x);
            foreach (int row in Enumerable.Range(y, cell.GetProperty("h").GetInt32()))
            {
                Assert.All(Enumerable.Range(x, width), column => Assert.True(taken.Add((column, row))));
            }
        });
        Assert.Equal(Columns * (taken.Max(place => place.Y) + 1), taken.Count);
    }

    [Theory, MemberData(nameof(Names))]
    public void Variables_have_every_field_that_Chronograf_reads_and_values_that_it_takes(string name)
    {
        using JsonDocument document = JsonDocument.Parse(Dashboard.ReadText(name));
        JsonElement[] variables = [.. document.RootElement.GetProperty("templates").EnumerateArray()];

        Assert.Equal(variables.Length, variables.Select(variable => variable.GetProperty("tempVar").GetString()).Distinct().Count());
        Assert.All(variables, variable =>
        {
            Assert.Matches("^:[a-z]+:$", variable.GetProperty("tempVar").GetString());
            Assert.Equal("dynamic", variable.GetProperty("sourceID").GetString());
            if (variable.GetProperty("type").GetString() == "map")
            {
                HasFields(variable, "id", "tempVar", "type", "label", "sourceID", "values");
                Assert.All(variable.GetProperty("values").EnumerateArray(), value =>
                {
                    HasFields(value, "key", "value", "type", "selected");
                    Assert.Equal("map", value.GetProperty("type").GetString());
                    Assert.NotEqual("", value.GetProperty("key").GetString());
                });
                Assert.Single(variable.GetProperty("values").EnumerateArray(), value => value.GetProperty("selected").GetBoolean());
            }
            else
            {
                HasFields(variable, "id", "tempVar", "type", "label", "sourceID", "values", "query");
                Assert.Equal("tagValues", variable.GetProperty("type").GetString());
                // They are asked of the database when the dashboard is shown.
                Assert.Empty(variable.GetProperty("values").EnumerateArray());
                HasFields(variable.GetProperty("query"), "influxql", "db", "measurement", "tagKey", "fieldKey");
                // The browser puts these in place of the three, and reads an answer of a query only that begins like this.
                Assert.Equal(
                    "SHOW TAG VALUES ON :database: FROM :measurement: WITH KEY=:tagKey:",
                    variable.GetProperty("query").GetProperty("influxql").GetString());
            }
        });
    }

    [Theory, MemberData(nameof(Names))]
    public void Queries_mention_no_variable_that_there_is_not_and_no_variable_is_without_use(string name)
    {
        var dashboard = Dashboard.Read(name);
        string[] known = [":dashboardTime:", ":upperDashboardTime:", ":interval:", .. dashboard.Templates.Select(variable => variable.TempVar)];
        IEnumerable<string> texts = dashboard.Cells.SelectMany(cell => cell.Queries).Select(query => query.Query)
            .Concat(dashboard.Templates.SelectMany(variable => variable.Values).Select(value => value.Value));

        Assert.Equal(
            known.Order(StringComparer.Ordinal),
            texts.SelectMany(text => Variable().Matches(text)).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_interval_can_be_told_from_the_first_condition_of_a_query(string name) =>
        // Chronograf's server reads no other, and takes any time that it finds none in for 15 minutes.
        Assert.All(
            Dashboard.Read(name).Cells.SelectMany(cell => cell.Queries).Where(query => query.Query.Contains(":interval:", StringComparison.Ordinal)),
            query => Assert.StartsWith(
                "WHERE time > :dashboardTime: AND time < :upperDashboardTime: ",
                query.Query[query.Query.IndexOf("WHERE", StringComparison.OrdinalIgnoreCase)..],
                StringComparison.Ordinal));

    [Theory, MemberData(nameof(Names))]
    public void The_form_for_import_is_the_same_dashboard(string name)
    {
        using JsonDocument provisioned = JsonDocument.Parse(Dashboard.ReadText(name));
        using JsonDocument import = JsonDocument.Parse(Dashboard.ReadImportText(name));

        HasFields(import.RootElement, "meta", "dashboard");
        HasFields(import.RootElement.GetProperty("meta"), "chronografVersion", "sources");
        Assert.Matches(@"^1\.10\.\d+$", import.RootElement.GetProperty("meta").GetProperty("chronografVersion").GetString());
        Assert.Empty(import.RootElement.GetProperty("meta").GetProperty("sources").EnumerateObject());
        JsonElement dashboard = import.RootElement.GetProperty("dashboard");
        // An export gives the id as text; importing gives another.
        Assert.Equal(provisioned.RootElement.GetProperty("id").GetRawText(), dashboard.GetProperty("id").GetString());
        foreach (string field in new[] { "organization", "name", "templates", "cells" })
        {
            Assert.True(JsonElement.DeepEquals(provisioned.RootElement.GetProperty(field), dashboard.GetProperty(field)), field);
        }

        HasFields(dashboard, "id", "organization", "name", "templates", "cells");
    }

    private static void HasQueryShape(JsonElement query)
    {
        HasFields(query, "query", "source", "type");
        Assert.Equal("influxql", query.GetProperty("type").GetString());
        // None: that of the dashboard, whatever id it has been given.
        Assert.Equal("", query.GetProperty("source").GetString());
    }

    private static void HasAxisShape(JsonElement axis)
    {
        HasFields(axis, "bounds", "label", "prefix", "suffix", "base", "scale");
        Assert.Equal(2, axis.GetProperty("bounds").GetArrayLength());
        Assert.All(axis.GetProperty("bounds").EnumerateArray(), bound => Assert.Matches(@"^\d*$", bound.GetString()));
        Assert.Contains(axis.GetProperty("base").GetString(), new[] { "10", "2", "raw" });
        Assert.Contains(axis.GetProperty("scale").GetString(), new[] { "linear", "log" });
    }

    private static void HasColors(string cellType, JsonElement[] colors)
    {
        Assert.All(colors, color =>
        {
            HasFields(color, "id", "type", "hex", "name", "value");
            Assert.Matches("^#[0-9A-F]{6}$", color.GetProperty("hex").GetString());
            Assert.Equal(JsonValueKind.String, color.GetProperty("value").ValueKind);
        });
        string[] types = [.. colors.Select(color => color.GetProperty("type").GetString()!)];
        if (cellType == "gauge")
        {
            // Without a least and a most, in this order, it draws one of its own from 0 to 100.
            Assert.Equal("min", types[0]);
            Assert.Equal("max", types[^1]);
            Assert.All(types[1..^1], type => Assert.Equal("threshold", type));
            Assert.Equal(colors.Select(Number).Order(), colors.Select(Number));
        }
        else if (cellType == "table")
        {
            Assert.Empty(colors);
        }
        else
        {
            // A palette has three.
            Assert.Equal(["scale", "scale", "scale"], types);
        }
    }

    private static int Number(JsonElement color) => int.Parse(color.GetProperty("value").GetString()!, System.Globalization.CultureInfo.InvariantCulture);

    private static void HasLegendShape(JsonElement legend)
    {
        if (legend.EnumerateObject().Any())
        {
            HasFields(legend, "type", "orientation");
            Assert.Equal("static", legend.GetProperty("type").GetString());
            Assert.Equal("bottom", legend.GetProperty("orientation").GetString());
        }
    }

    private static void HasFieldShape(JsonElement field)
    {
        HasFields(field, "internalName", "displayName", "visible");
        Assert.NotEqual("", field.GetProperty("internalName").GetString());
    }

    private static void HasFields(JsonElement element, params string[] names) =>
        Assert.Equal(names.Order(StringComparer.Ordinal), element.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));

    [GeneratedRegex(":[A-Za-z]+:")]
    private static partial Regex Variable();
}
