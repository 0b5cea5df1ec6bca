using System.Globalization;
using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary><c>/users/{id}</c>: what the public may see of a user.</summary>
internal static class UserJson
{
    public static void Write(Utf8JsonWriter json, User user)
    {
        json.WriteStartObject();
        json.WriteNumber("id", user.Id);
        json.WriteString("nickname", user.Nickname);
        WriteRegistrationDate(json, user);
        json.WriteString("country_id", user.Site.CountryId);
        json.WriteStartObject("address");
        json.WriteString("city", user.City.Name);
        json.WriteString("state", user.City.StateId);
        json.WriteEndObject();
        json.WriteString("user_type", "normal");
        json.WriteStrings("tags", "normal", "user_info_verified", "eshop", "mshops", "messages_as_seller");
        json.WriteNull("logo");
        json.WriteNumber("points", user.Points);
        json.WriteString("site_id", user.Site.Id);
        json.WriteString("permalink", user.Permalink);
        WriteReputation(json, user);
        json.WriteStartObject("buyer_reputation");
        json.WriteStrings("tags");
        json.WriteEndObject();
        json.WriteStartObject("status");
        json.WriteString("site_status", "active");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The seller as a search result shows it.</summary>
    public static void WriteSeller(Utf8JsonWriter json, User user)
    {
        json.WriteStartObject("seller");
        json.WriteNumber("id", user.Id);
        json.WriteString("nickname", user.Nickname);
        json.WriteBoolean("car_dealer", false);
        json.WriteBoolean("real_estate_agency", false);
        WriteRegistrationDate(json, user);
        json.WriteStrings("tags", "normal", "eshop", "mshops", "messages_as_seller");
        json.WriteString("permalink", user.Permalink);
        WriteReputation(json, user);
        json.WriteEndObject();
    }

    // Times of users, unlike all others, are not in UTC.
    private static void WriteRegistrationDate(Utf8JsonWriter json, User user) => json.WriteString(
        "registration_date", user.RegistrationDate.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'-04:00'", CultureInfo.InvariantCulture));

    private static void WriteReputation(Utf8JsonWriter json, User user)
    {
        json.WriteStartObject("seller_reputation");
        json.WriteString("level_id", user.LevelId);
        json.WriteString("power_seller_status", user.PowerSellerStatus);
        json.WriteStartObject("transactions");
        json.WriteNumber("canceled", user.CanceledSales);
        json.WriteNumber("completed", user.CompletedSales);
        json.WriteString("period", "historic");
        json.WriteStartObject("ratings");
        json.WriteNumber("negative", user.NegativePercent / 100m);
        json.WriteNumber("neutral", user.NeutralPercent / 100m);
        json.WriteNumber("positive", (100 - user.NegativePercent - user.NeutralPercent) / 100m);
        json.WriteEndObject();
        json.WriteNumber("total", user.CanceledSales + user.CompletedSales);
        json.WriteEndObject();
        json.WriteStartObject("metrics");
        json.WriteStartObject("sales");
        json.WriteString("period", "60 days");
        json.WriteNumber("completed", user.RecentSales);
        json.WriteEndObject();
        WriteMetric(json, "claims", user.Claims, user.RecentSales);
        WriteMetric(json, "delayed_handling_time", user.Delays, user.RecentSales);
        WriteMetric(json, "cancellations", user.Cancellations, user.RecentSales);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMetric(Utf8JsonWriter json, string property, int value, int sales)
    {
        json.WriteStartObject(property);
        json.WriteString("period", "60 days");
        json.WriteNumber("rate", decimal.Round((decimal)value / sales, 4));
        json.WriteNumber("value", value);
        json.WriteEndObject();
    }
}
