using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary>What may be listed in a category and how.</summary>
internal static class CategorySettingsJson
{
    public static void Write(Utf8JsonWriter json, Category category)
    {
        bool classified = category.IsClassified;
        string currency = category.Site.CurrencyId;

        json.WriteStartObject("settings");
        json.WriteBoolean("adult_content", false);
        json.WriteBoolean("buying_allowed", !classified);
        json.WriteStrings("buying_modes", classified ? ["classified"] : ["buy_it_now", "auction"]);
        json.WriteString("catalog_domain", $"{category.Site.Id}-{category.Domain}");
        json.WriteString("coverage_areas", classified ? "optional" : "not_allowed");
        json.WriteStrings("currencies", currency);
        json.WriteBoolean("fragile", false);
        json.WriteString("immediate_payment", classified ? "optional" : "required");
        json.WriteStrings("item_conditions", "new", "not_specified", "used");
        json.WriteBoolean("items_reviews_allowed", false);
        json.WriteBoolean("listing_allowed", !category.Children.Any());
        json.WriteNumber("max_description_length", 50000);
        json.WriteNumber("max_pictures_per_item", classified ? 15 : 12);
        json.WriteNumber("max_pictures_per_item_var", 10);
        json.WriteNumber("max_sub_title_length", 70);
        json.WriteNumber("max_title_length", 60);
        json.WriteNumber("max_variations_allowed", 100);
        json.WriteNull("maximum_price");
        json.WriteString("maximum_price_currency", currency);
        json.WriteNumber("minimum_price", decimal.Ceiling(category.Site.UnitsPerDollar));
        json.WriteString("minimum_price_currency", currency);
        json.WriteNulls("mirror_category", "mirror_master_category");
        json.WriteStrings("mirror_slave_categories");
        json.WriteString("price", classified ? "optional" : "required");
        json.WriteString("reservation_allowed", "not_allowed");
        json.WriteStrings("restrictions");
        json.WriteBoolean("rounded_address", false);
        json.WriteString("seller_contact", classified ? "optional" : "not_allowed");
        json.WriteStrings("shipping_modes", classified ? ["not_specified"] : ["custom", "me1", "me2", "not_specified"]);
        json.WriteStrings("shipping_options", classified ? [] : ["custom", "carrier"]);
        json.WriteString("shipping_profile", classified ? "not_allowed" : "optional");
        json.WriteBoolean("show_contact_information", classified);
        json.WriteString("simple_shipping", "optional");
        json.WriteString("stock", classified ? "not_allowed" : "required");
        json.WriteString("sub_vertical", category.Domain.ToLowerInvariant());
        json.WriteBoolean("subscribable", false);
        json.WriteStrings("tags");
        json.WriteString("vertical", category.Vertical);
        json.WriteString("vip_subdomain", category.Site.Say("articulo", "produto"));
        json.WriteStrings("buyer_protection_programs", classified ? [] : ["delivered", "undelivered"]);
        json.WriteString("status", "enabled");
        json.WriteEndObject();
    }
}
