using System.Globalization;
using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;
using MeliProxy.Sidecar.Demo.Tables;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary><c>/categories/{id}</c> and <c>/sites/{site}/categories</c>.</summary>
internal static class CategoryJson
{
    public static void WriteRoots(Utf8JsonWriter json, Site site)
    {
        json.WriteStartArray();
        foreach (CategoryEntry root in RootCategories.All)
        {
            Category category = Category.Of(site, root);
            json.WriteReference(category.Id, category.Name);
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, Category category)
    {
        bool isRoot = category.Parent is null;
        StableDraws draws = category.Draws("looks");
        string picture = string.Create(
            CultureInfo.InvariantCulture,
            $"https://http2.mlstatic.com/storage/categories-api/images/{draws.Next():x16}-{draws.Next():x16}.png");

        json.WriteStartObject();
        json.WriteString("id", category.Id);
        json.WriteString("name", category.Name);
        json.WriteString("picture", isRoot ? picture : null);
        json.WriteString("permalink", isRoot ? $"https://www.{category.Site.WebDomain}/c/{SearchText.Slug(category.Name)}" : null);
        json.WriteNumber("total_items_in_this_category", category.TotalItems);
        json.WriteStartArray("path_from_root");
        foreach (Category step in category.Path)
        {
            json.WriteReference(step.Id, step.Name);
        }

        json.WriteEndArray();
        json.WriteStartArray("children_categories");
        foreach (Category child in category.Children)
        {
            json.WriteStartObject();
            json.WriteString("id", child.Id);
            json.WriteString("name", child.Name);
            json.WriteNumber("total_items_in_this_category", child.TotalItems);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("attribute_types", "attributes");
        CategorySettingsJson.Write(json, category);
        json.WriteStartArray("channels_settings");
        WriteChannel(json, "mshops", static settings => settings.WriteNumber("minimum_price", 0));
        WriteChannel(json, "proximity", static settings => settings.WriteString("status", "disabled"));
        WriteChannel(json, "mp-merchants", static settings => settings.WriteStrings("buying_modes", "buy_it_now"));
        WriteChannel(json, "mp-link", static settings => settings.WriteStrings("buying_modes", "buy_it_now"));
        json.WriteEndArray();
        json.WriteNull("meta_categ_id");
        json.WriteBoolean("attributable", false);
        json.WriteTime("date_created", draws.Time(2016, 2020));
        json.WriteEndObject();
    }

    private static void WriteChannel(Utf8JsonWriter json, string channel, Action<Utf8JsonWriter> writeSettings)
    {
        json.WriteStartObject();
        json.WriteString("channel", channel);
        json.WriteStartObject("settings");
        writeSettings(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
