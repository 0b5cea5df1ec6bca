using System.Text.Json;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>A key as it is written on the command line: its parts with spaces between them.</summary>
internal static class KeyText
{
    private const int MaxPartLength = 128;
    private const int MaxParts = 8;

    public static string Of(JsonElement element)
    {
        string[] parts =
        [
            .. element.Items("key").Take(MaxParts).Select(
                part => AnswerMembers.Printable(JsonText.Word(part.RawText() ?? "\uFFFD"), MaxPartLength)),
        ];
        return parts.Length == 0 ? AnswerMembers.Missing : string.Join(' ', parts);
    }
}
