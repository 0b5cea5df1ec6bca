using System.Text.Json;
using MeliProxy.Sidecar.Commands.Operating.Texts;

namespace MeliProxy.Sidecar.Commands.Operating.Changes;

/// <summary>The members of an object in one line, such as <c>key client-ip, limit 100, window 1s</c>.</summary>
internal static class MembersText
{
    private const int MaxLength = 400;

    /// <param name="value">The object.</param>
    /// <param name="except">Members that are told elsewhere.</param>
    public static string Of(JsonElement value, params ReadOnlySpan<string> except)
    {
        List<string> members = [];
        foreach ((string name, JsonElement member) in value.Members())
        {
            if (!except.Contains(name))
            {
                members.Add($"{name} {JsonText.Brief(member)}");
            }
        }

        return AnswerMembers.Printable(string.Join(", ", members), MaxLength);
    }
}
