using System.Globalization;
using System.Text.Json;

namespace MeliProxy.Sidecar.Commands.Operating.Texts;

/// <summary>What answers about a time have in common, as text for people.</summary>
internal static class HistoryText
{
    private const int MaxProblemLength = 300;

    /// <summary>Which time an answer is about, and which sidecars have told it and which not.</summary>
    public static string Head(JsonElement answer)
    {
        JsonElement[] nodes = answer.Items("nodes");
        JsonElement[] silent = [.. nodes.Where(node => node.Find("problem") is not null)];
        int told = nodes.Length - silent.Length;
        string sidecars = told == 1 ? "1 sidecar" : $"{told} sidecars";
        return $"{answer.Text("from")} to {answer.Text("to")}, {sidecars}"
            + string.Concat(silent.Select(node => $"\n{node.Text("node")} tells nothing: {node.Text("problem", MaxProblemLength)}"));
    }

    /// <summary>A number with as many places as it is worth.</summary>
    public static string Decimal(JsonElement element, string name) =>
        element.Double(name) is { } value ? value.ToString("0.##", CultureInfo.InvariantCulture) : AnswerMembers.Missing;
}
