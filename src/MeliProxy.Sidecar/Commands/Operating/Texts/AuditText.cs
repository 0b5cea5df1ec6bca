using System.Text;
using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Changes;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>The answer of <c>audit</c> as text for people: one entry after the other, with what it changed below it.</summary>
internal static class AuditText
{
    private const int MaxTextLength = 256;

    public static string Of(JsonElement answer)
    {
        StringBuilder text = new();
        foreach (JsonElement entry in answer.Items("entries"))
        {
            text.Append(
                $"{entry.Number("revision")}  {entry.Text("at")}  {entry.Text("by", MaxTextLength)}  {entry.Text("via")}  {entry.Text("command")}\n");
            foreach (string line in ChangeText.Lines(entry))
            {
                text.Append($"   {line}\n");
            }

            if (entry.Find("note") is { ValueKind: JsonValueKind.String })
            {
                text.Append($"   note: {entry.Text("note", MaxTextLength)}\n");
            }
        }

        if (text.Length == 0)
        {
            text.Append("Nothing was changed yet\n");
        }

        return text.Append(answer.Long("next") is { } next ? $"\nThere is more: --before {next}\n" : "").ToString();
    }
}
