using System.Globalization;
using System.Text.Json;

namespace MeliProxy.Sidecar.Demo.Json;

/// <summary>The small shapes that recur in the API's answers.</summary>
internal static class JsonWriting
{
    /// <summary>A list of strings; an empty one without <paramref name="values"/>.</summary>
    public static void WriteStrings(this Utf8JsonWriter json, string property, params ReadOnlySpan<string> values)
    {
        json.WriteStartArray(property);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    /// <summary>An object of id and name, which is how the API refers to categories, places and filters.</summary>
    public static void WriteReference(this Utf8JsonWriter json, string property, string? id, string? name)
    {
        json.WritePropertyName(property);
        json.WriteReference(id, name);
    }

    /// <inheritdoc cref="WriteReference(Utf8JsonWriter, string, string?, string?)"/>
    public static void WriteReference(this Utf8JsonWriter json, string? id, string? name)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("name", name);
        json.WriteEndObject();
    }

    /// <summary>The values of an attribute that has one, which is text.</summary>
    public static void WriteOneValue(this Utf8JsonWriter json, string? id, string name)
    {
        json.WriteNull("value_struct");
        json.WriteStartArray("values");
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("name", name);
        json.WriteNull("struct");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    public static void WriteTime(this Utf8JsonWriter json, string property, DateTime utc) =>
        json.WriteString(property, utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    public static void WriteNulls(this Utf8JsonWriter json, params ReadOnlySpan<string> properties)
    {
        foreach (string property in properties)
        {
            json.WriteNull(property);
        }
    }
}
