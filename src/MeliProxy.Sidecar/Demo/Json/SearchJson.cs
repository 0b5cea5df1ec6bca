using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary>
/// <c>/sites/{site}/search</c>. Results are always by relevance; the other sorts are named, as in the API, but not applied.
/// </summary>
internal static class SearchJson
{
    public static void Write(Utf8JsonWriter json, ItemSearch search)
    {
        json.WriteStartObject();
        json.WriteString("site_id", search.Site.Id);
        json.WriteString("country_default_time_zone", search.Site.TimeZone);
        if (search.Text is not null)
        {
            json.WriteString("query", search.Text);
        }

        json.WriteStartObject("paging");
        json.WriteNumber("total", search.Total);
        json.WriteNumber("primary_results", search.PrimaryResults);
        json.WriteNumber("offset", search.Offset);
        json.WriteNumber("limit", search.Limit);
        json.WriteEndObject();
        WriteResults(json, search);
        WriteSorts(json, search.Site);
        WriteFilters(json, search);
        json.WriteEndObject();
    }

    private static void WriteResults(Utf8JsonWriter json, ItemSearch search)
    {
        json.WriteStartArray("results");
        int position = search.Offset;
        foreach (Item item in search.Results)
        {
            ItemJson.WriteResult(json, item, ++position);
        }

        json.WriteEndArray();
    }

    private static void WriteSorts(Utf8JsonWriter json, Site site)
    {
        json.WriteReference("sort", "relevance", site.Say("Más relevantes", "Mais relevantes"));
        json.WriteStartArray("available_sorts");
        json.WriteReference("price_asc", site.Say("Menor precio", "Menor preço"));
        json.WriteReference("price_desc", site.Say("Mayor precio", "Maior preço"));
        json.WriteEndArray();
    }

    private static void WriteFilters(Utf8JsonWriter json, ItemSearch search)
    {
        json.WriteStartArray("filters");
        if (search.Category is { } category)
        {
            json.WriteStartObject();
            json.WriteString("id", "category");
            json.WriteString("name", search.Site.Say("Categorías", "Categorias"));
            json.WriteString("type", "text");
            json.WriteStartArray("values");
            json.WriteStartObject();
            json.WriteString("id", category.Id);
            json.WriteString("name", category.Name);
            json.WriteStartArray("path_from_root");
            foreach (Category step in category.Path)
            {
                json.WriteReference(step.Id, step.Name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("available_filters");
        json.WriteStartObject();
        json.WriteString("id", "condition");
        json.WriteString("name", search.Site.Say("Condición", "Condição"));
        json.WriteString("type", "text");
        json.WriteStartArray("values");
        WriteFilterValue(json, "2230284", search.Site.Say("Nuevo", "Novo"), search.Total - (search.Total / 7));
        WriteFilterValue(json, "2230581", "Usado", search.Total / 7);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteFilterValue(Utf8JsonWriter json, string id, string name, int results)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("name", name);
        json.WriteNumber("results", results);
        json.WriteEndObject();
    }
}
