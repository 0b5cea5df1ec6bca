using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace MeliProxy.RateLimiting.AspNetCore.Registration;

/// <summary>
/// A section of configuration as the JSON it may have been. Configuration keeps text only and does not tell cases apart, so the members
/// that are known are given back their kind and their spelling; others stay as they are, for the reader of the JSON to complain about.
/// </summary>
internal static class ConfigurationJson
{
    private const string Headers = "headers";

    private static readonly FrozenDictionary<string, (string Name, Kind Kind)> Members = Known(
        (Kind.List, ["rules", "overrides", "key", "methods", "hosts", "allow", "deny"]),
        (Kind.Scalar, ["limit", "burst", "cost", "enforcePercent", "maxKeys", "maxQueued", "endpoint"]),
        (Kind.Other,
        [
            "mode", "keyCap", "name", "match", "path", Headers, "algorithm", "window", "calendar", "timeZone", "charge", "queue", "maxWait",
            "scope", "onPartition", "coldStart", "onMissingKey", "onError", "rule", "expiresAt",
        ]));

    private enum Kind
    {
        Other,
        List,
        Scalar,
    }

    /// <summary>The section as the text of a JSON object.</summary>
    public static ReadOnlyMemory<byte> Write(IConfiguration section)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            WriteObject(writer, section, areKnown: true);
        }

        return buffer.WrittenMemory;
    }

    private static void WriteObject(Utf8JsonWriter writer, IConfiguration section, bool areKnown)
    {
        writer.WriteStartObject();
        foreach (IConfigurationSection member in section.GetChildren())
        {
            (string name, Kind kind) =
                areKnown && Members.TryGetValue(member.Key, out (string, Kind) known) ? known : (member.Key, Kind.Other);
            writer.WritePropertyName(name);
            WriteValue(writer, member, name, kind);
        }

        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, IConfigurationSection value, string name, Kind kind)
    {
        bool hasChildren = value.GetChildren().Any();
        if (kind == Kind.List && (hasChildren || value.Value is ""))
        {
            writer.WriteStartArray();
            foreach (IConfigurationSection item in value.GetChildren())
            {
                WriteValue(writer, item, name, Kind.Other);
            }

            writer.WriteEndArray();
        }
        else if (hasChildren)
        {
            // The names in there are those of HTTP headers.
            WriteObject(writer, value, areKnown: name != Headers);
        }
        else if (kind == Kind.Scalar && TryReadScalar(value.Value, out JsonElement scalar))
        {
            scalar.WriteTo(writer);
        }
        else
        {
            writer.WriteStringValue(value.Value);
        }
    }

    /// <summary>A number or a truth value; configuration writes the latter with a capital letter.</summary>
    private static bool TryReadScalar(string? text, out JsonElement scalar)
    {
        scalar = default;
        try
        {
            scalar = JsonElement.Parse(bool.TryParse(text, out bool truth) ? truth ? "true" : "false" : text ?? "null");
        }
        catch (JsonException)
        {
            return false;
        }

        return scalar.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
    }

    private static FrozenDictionary<string, (string Name, Kind Kind)> Known(params (Kind Kind, string[] Names)[] kinds) =>
        kinds.SelectMany(kind => kind.Names.Select(name => (Name: name, kind.Kind)))
            .ToFrozenDictionary(member => member.Name, StringComparer.OrdinalIgnoreCase);
}
