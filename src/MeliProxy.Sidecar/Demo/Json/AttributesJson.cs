using System.Globalization;
using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary>The list of an item's characteristics.</summary>
internal static class AttributesJson
{
    public static void Write(Utf8JsonWriter json, Item item)
    {
        Site site = item.Site;
        Product product = item.Product;
        json.WriteStartArray("attributes");
        WriteText(json, site, "BRAND", "Marca", IdOf(product.Brand), product.Brand, "string");
        WriteText(json, site, "COLOR", site.Say("Color", "Cor"), item.Color.Id, item.ColorName, "string");
        WriteText(
            json, site, "ITEM_CONDITION", site.Say("Condición del ítem", "Condição do item"), ConditionId(item), Condition(item), "list");
        WriteText(json, site, "MODEL", "Modelo", IdOf(product.Model), product.Model, "string");
        WriteText(json, site, "IS_NEW_OFFER", site.Say("Es nueva oferta", "É nova oferta"), "242084", site.Say("No", "Não"), "boolean");
        WriteGrams(json, site, "WEIGHT", "Peso", product.Grams);
        WriteGrams(json, site, "PACKAGE_WEIGHT", site.Say("Peso del paquete", "Peso da embalagem"), product.Grams + 150);
        json.WriteEndArray();
    }

    private static string ConditionId(Item item) => item.IsNew ? "2230284" : "2230581";

    private static string Condition(Item item) => item.IsNew ? item.Site.Say("Nuevo", "Novo") : "Usado";

    private static string IdOf(string value) => (StableHash.Of(value) % 20_000_000).ToString(CultureInfo.InvariantCulture);

    private static void WriteText(Utf8JsonWriter json, Site site, string id, string name, string valueId, string value, string type)
    {
        WriteStart(json, site, id, name, valueId, value);
        json.WriteOneValue(valueId, value);
        json.WriteString("value_type", type);
        json.WriteEndObject();
    }

    private static void WriteGrams(Utf8JsonWriter json, Site site, string id, string name, int grams)
    {
        string value = string.Create(CultureInfo.InvariantCulture, $"{grams} g");
        WriteStart(json, site, id, name, IdOf(value), value);
        WriteGramsStruct(json, "value_struct", grams);
        json.WriteStartArray("values");
        json.WriteStartObject();
        json.WriteString("id", IdOf(value));
        json.WriteString("name", value);
        WriteGramsStruct(json, "struct", grams);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("value_type", "number_unit");
        json.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter json, Site site, string id, string name, string valueId, string value)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("name", name);
        json.WriteString("value_id", valueId);
        json.WriteString("value_name", value);
        json.WriteString("attribute_group_id", "OTHERS");
        json.WriteString("attribute_group_name", site.Say("Otros", "Outros"));
    }

    private static void WriteGramsStruct(Utf8JsonWriter json, string property, int grams)
    {
        json.WriteStartObject(property);
        json.WriteNumber("number", grams);
        json.WriteString("unit", "g");
        json.WriteEndObject();
    }
}
