using System.Text.Json;
using System.Text.Unicode;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Control;

/// <summary>What is asked for by a command about usage or nodes.</summary>
/// <param name="Rule">Only of this rule; <see langword="null"/>: of all.</param>
/// <param name="Count">How many keys; <see langword="null"/>: the default.</param>
/// <param name="IsNodeOnly">Whether only the sidecar that is asked is to answer.</param>
internal sealed record ReportRequest(string? Rule, int? Count, bool IsNodeOnly)
{
    /// <summary>Only of this route; <see langword="null"/>: of all.</summary>
    public string? Route { get; init; }

    /// <summary>Of which time; <see langword="null"/>: since the sidecars began.</summary>
    public HistoryRange? Range { get; init; }

    private const int MaxLength = 4096;

    /// <summary>Reads a body.</summary>
    /// <param name="body">The body, which may be anything.</param>
    /// <param name="command">The command.</param>
    /// <param name="now">The time, which moments may be relative to.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <returns>What is asked for; <see langword="null"/> if something is wrong.</returns>
    public static ReportRequest? TryRead(ReadOnlyMemory<byte> body, string command, DateTimeOffset now, ICollection<RuleError> errors)
    {
        if (!Utf8.IsValid(body.Span))
        {
            errors.Add(new RuleError("$", "is not in UTF-8"));
            return null;
        }

        if (body.Length > MaxLength)
        {
            errors.Add(new RuleError("$", $"is {body.Length} bytes long, and {MaxLength} are the most"));
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body.IsEmpty ? "{}"u8.ToArray() : body, new JsonDocumentOptions { MaxDepth = 4 });
            JsonMembers members = new(document.RootElement, "$", errors);
            members.ReadInteger("schema");
            members.ReadString("by");
            string? rule = null;
            long? count = null;
            bool isNodeOnly = false;
            string? route = null;
            HistoryRange? range = null;
            if (command != SidecarCommands.Nodes)
            {
                rule = command == SidecarCommands.TrafficQuery ? null : members.ReadString("rule");
                route = command == SidecarCommands.TrafficQuery ? members.ReadString("route") : null;
                isNodeOnly = members.ReadChoice("scope", [("domain", false), ("node", true)], false);
                count = command == SidecarCommands.Top ? members.ReadInteger("n") : null;
                if (count is < 1 or > 100)
                {
                    members.Error("n", "must be from 1 to 100");
                }

                range = HistoryTime.Read(members, command, now);
            }

            members.RejectUnknown();
            return errors.Count == 0 ? new ReportRequest(rule, (int?)count, isNodeOnly) { Route = route, Range = range } : null;
        }
        catch (JsonException)
        {
            errors.Add(new RuleError("$", "is no JSON"));
            return null;
        }
    }
}
