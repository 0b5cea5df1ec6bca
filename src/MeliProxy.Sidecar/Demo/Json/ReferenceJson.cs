using System.Text.Json;
using MeliProxy.Sidecar.Demo.Catalog;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary>The lists that other answers refer to: currencies and sites.</summary>
internal static class ReferenceJson
{
    public static void WriteCurrencies(Utf8JsonWriter json, IReadOnlyList<Currency> currencies)
    {
        json.WriteStartArray();
        foreach (Currency currency in currencies)
        {
            WriteCurrency(json, currency);
        }

        json.WriteEndArray();
    }

    public static void WriteCurrency(Utf8JsonWriter json, Currency currency)
    {
        json.WriteStartObject();
        json.WriteString("id", currency.Id);
        json.WriteString("symbol", currency.Symbol);
        json.WriteString("description", currency.Description);
        json.WriteNumber("decimal_places", currency.DecimalPlaces);
        json.WriteEndObject();
    }

    public static void WriteSites(Utf8JsonWriter json, IReadOnlyList<Site> sites)
    {
        json.WriteStartArray();
        foreach (Site site in sites)
        {
            json.WriteStartObject();
            json.WriteString("default_currency_id", site.CurrencyId);
            json.WriteString("id", site.Id);
            json.WriteString("name", site.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
