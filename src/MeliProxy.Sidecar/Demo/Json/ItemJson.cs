using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary><c>/items/{id}</c>.</summary>
internal static class ItemJson
{
    public static void Write(Utf8JsonWriter json, Item item)
    {
        json.WriteStartObject();
        json.WriteString("id", item.Id.ToString());
        json.WriteString("site_id", item.Site.Id);
        json.WriteString("title", item.Title);
        json.WriteNull("subtitle");
        json.WriteNumber("seller_id", item.Seller.Id);
        json.WriteString("category_id", item.Category.Id);
        json.WriteNull("official_store_id");
        json.WriteNumber("price", item.Price);
        json.WriteNumber("base_price", item.Price);
        WriteOriginalPrice(json, item);
        json.WriteNull("inventory_id");
        json.WriteString("currency_id", item.Site.CurrencyId);
        json.WriteNumber("initial_quantity", item.AvailableQuantity + item.SoldQuantity);
        json.WriteNumber("available_quantity", item.AvailableQuantity);
        json.WriteNumber("sold_quantity", item.SoldQuantity);
        WriteSaleTerms(json, item.Site);
        json.WriteString("buying_mode", "buy_it_now");
        json.WriteString("listing_type_id", ListingType(item));
        json.WriteTime("start_time", item.Created);
        json.WriteTime("stop_time", item.Created.AddYears(20));
        json.WriteString("condition", Condition(item));
        json.WriteString("permalink", item.Permalink);
        json.WriteString("thumbnail_id", item.PictureIds[0]);
        json.WriteString("thumbnail", Thumbnail(item, "http"));
        json.WriteString("secure_thumbnail", Thumbnail(item, "https"));
        WritePictures(json, item);
        json.WriteNull("video_id");
        json.WriteStrings("descriptions");
        json.WriteBoolean("accepts_mercadopago", true);
        json.WriteStrings("non_mercado_pago_payment_methods");
        WriteShipping(json, item);
        json.WriteString("international_delivery_mode", "none");
        AddressJson.WriteOfItem(json, item.Seller);
        json.WriteNull("seller_contact");
        json.WriteStartObject("location");
        json.WriteEndObject();
        json.WriteStrings("coverage_areas");
        AttributesJson.Write(json, item);
        json.WriteStrings("warnings");
        json.WriteString("listing_source", "");
        json.WriteStrings("variations");
        json.WriteString("status", "active");
        json.WriteStrings("sub_status");
        json.WriteStrings("tags", "good_quality_picture", "good_quality_thumbnail", "immediate_payment", "cart_eligible");
        json.WriteString("warranty", item.Site.Say("Garantía del vendedor: 6 meses", "Garantia do vendedor: 6 meses"));
        json.WriteNull("catalog_product_id");
        json.WriteString("domain_id", $"{item.Site.Id}-{item.Product.Domain}");
        json.WriteNulls("parent_item_id", "differential_pricing");
        json.WriteStrings("deal_ids");
        json.WriteBoolean("automatic_relist", false);
        json.WriteTime("date_created", item.Created);
        json.WriteTime("last_updated", item.Updated);
        json.WriteNull("health");
        json.WriteBoolean("catalog_listing", false);
        json.WriteStrings("channels", "marketplace", "mshops");
        json.WriteEndObject();
    }

    /// <summary>The item as a search lists it, at a position that counts from 1.</summary>
    public static void WriteResult(Utf8JsonWriter json, Item item, int position)
    {
        json.WriteStartObject();
        json.WriteString("id", item.Id.ToString());
        json.WriteString("title", item.Title);
        json.WriteString("condition", Condition(item));
        json.WriteString("thumbnail_id", item.PictureIds[0]);
        json.WriteNull("catalog_product_id");
        json.WriteString("listing_type_id", ListingType(item));
        json.WriteString("permalink", item.Permalink);
        json.WriteString("buying_mode", "buy_it_now");
        json.WriteString("site_id", item.Site.Id);
        json.WriteString("category_id", item.Category.Id);
        json.WriteString("domain_id", $"{item.Site.Id}-{item.Product.Domain}");
        json.WriteString("thumbnail", Thumbnail(item, "http"));
        json.WriteString("currency_id", item.Site.CurrencyId);
        json.WriteNumber("order_backend", position);
        json.WriteNumber("price", item.Price);
        WriteOriginalPrice(json, item);
        json.WriteNull("sale_price");
        json.WriteNumber("sold_quantity", item.SoldQuantity);
        json.WriteNumber("available_quantity", item.AvailableQuantity);
        json.WriteNull("official_store_id");
        json.WriteBoolean("use_thumbnail_id", true);
        json.WriteBoolean("accepts_mercadopago", true);
        json.WriteStrings("tags", "good_quality_thumbnail", "immediate_payment", "cart_eligible");
        WriteShipping(json, item);
        json.WriteTime("stop_time", item.Created.AddYears(20));
        UserJson.WriteSeller(json, item.Seller);
        AddressJson.WriteOfResult(json, item.Seller);
        AttributesJson.Write(json, item);
        WriteInstallments(json, item);
        json.WriteNull("winner_item_id");
        json.WriteBoolean("catalog_listing", false);
        json.WriteNull("discounts");
        json.WriteStrings("promotions");
        json.WriteNull("inventory_id");
        json.WriteEndObject();
    }

    private static string Condition(Item item) => item.IsNew ? "new" : "used";

    private static string ListingType(Item item) => item.IsPremium ? "gold_pro" : "gold_special";

    private static string Thumbnail(Item item, string scheme) => $"{scheme}://http2.mlstatic.com/D_{item.PictureIds[0]}-I.jpg";

    private static void WriteOriginalPrice(Utf8JsonWriter json, Item item)
    {
        if (item.OriginalPrice is { } price)
        {
            json.WriteNumber("original_price", price);
        }
        else
        {
            json.WriteNull("original_price");
        }
    }

    private static void WriteSaleTerms(Utf8JsonWriter json, Site site)
    {
        json.WriteStartArray("sale_terms");
        WriteSaleTerm(
            json, "WARRANTY_TYPE", site.Say("Tipo de garantía", "Tipo de garantia"), "2230280",
            site.Say("Garantía del vendedor", "Garantia do vendedor"));
        WriteSaleTerm(json, "WARRANTY_TIME", site.Say("Tiempo de garantía", "Tempo de garantia"), null, "6 meses");
        json.WriteEndArray();
    }

    private static void WriteSaleTerm(Utf8JsonWriter json, string id, string name, string? valueId, string value)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("name", name);
        json.WriteString("value_id", valueId);
        json.WriteString("value_name", value);
        json.WriteOneValue(valueId, value);
        json.WriteEndObject();
    }

    private static void WritePictures(Utf8JsonWriter json, Item item)
    {
        json.WriteStartArray("pictures");
        foreach (string id in item.PictureIds)
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("url", $"http://http2.mlstatic.com/D_{id}-O.jpg");
            json.WriteString("secure_url", $"https://http2.mlstatic.com/D_{id}-O.jpg");
            json.WriteString("size", "500x500");
            json.WriteString("max_size", "1200x1200");
            json.WriteString("quality", "");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteShipping(Utf8JsonWriter json, Item item)
    {
        json.WriteStartObject("shipping");
        json.WriteString("mode", "me2");
        json.WriteStrings("methods");
        json.WriteStrings("tags", item.FreeShipping ? ["self_service_in", "mandatory_free_shipping"] : ["self_service_in"]);
        json.WriteNull("dimensions");
        json.WriteBoolean("local_pick_up", false);
        json.WriteBoolean("free_shipping", item.FreeShipping);
        json.WriteString("logistic_type", item.FreeShipping ? "fulfillment" : "xd_drop_off");
        json.WriteBoolean("store_pick_up", false);
        json.WriteEndObject();
    }

    private static void WriteInstallments(Utf8JsonWriter json, Item item)
    {
        int quantity = item.IsPremium ? 6 : 12;
        decimal rate = item.IsPremium ? 0 : 38.5m;
        json.WriteStartObject("installments");
        json.WriteNumber("quantity", quantity);
        json.WriteNumber("amount", decimal.Round(item.Price * (100 + rate) / 100 / quantity, 2));
        json.WriteNumber("rate", rate);
        json.WriteString("currency_id", item.Site.CurrencyId);
        json.WriteEndObject();
    }
}
