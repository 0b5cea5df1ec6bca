using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary>Where the seller of an item is.</summary>
internal static class AddressJson
{
    public static void WriteOfItem(Utf8JsonWriter json, User seller)
    {
        json.WriteStartObject("seller_address");
        WritePlaces(json, seller);
        json.WriteStartObject("search_location");
        json.WriteReference("city", seller.City.Id, seller.City.Name);
        json.WriteReference("state", seller.City.StateId, seller.City.StateName);
        json.WriteEndObject();
        json.WriteNumber("id", seller.Id % 1_000_000_007);
        json.WriteEndObject();
    }

    public static void WriteOfResult(Utf8JsonWriter json, User seller)
    {
        json.WriteStartObject("seller_address");
        json.WriteString("comment", "");
        json.WriteString("address_line", "");
        json.WriteNulls("id", "latitude", "longitude");
        WritePlaces(json, seller);
        json.WriteEndObject();
        json.WriteStartObject("address");
        json.WriteString("state_id", seller.City.StateId);
        json.WriteString("state_name", seller.City.StateName);
        json.WriteString("city_id", seller.City.Id);
        json.WriteString("city_name", seller.City.Name);
        json.WriteEndObject();
    }

    private static void WritePlaces(Utf8JsonWriter json, User seller)
    {
        json.WriteReference("country", seller.Site.CountryId, seller.Site.Name);
        json.WriteReference("state", seller.City.StateId, seller.City.StateName);
        json.WriteReference("city", seller.City.Id, seller.City.Name);
    }
}
