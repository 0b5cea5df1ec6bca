using System.Text.Json;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Usage.History;

namespace MeliProxy.Sidecar.Control;

/// <summary>Asks the sidecars of the domain a question of <see cref="NodeReports"/>.</summary>
internal delegate Task<IReadOnlyList<ReadOnlyMemory<byte>>> GatherReports(string question, CancellationToken cancellationToken);

/// <summary>Carries out all commands, whichever way they come.</summary>
internal sealed class SidecarCommands(RuleControl rules, NodeReports reports, string? domain, GatherReports gather, TimeProvider time)
{
    public const string Nodes = "nodes";
    public const string UsageQuery = "usage.query";
    public const string TrafficQuery = "traffic.query";
    public const string Top = "top";

    private const int MaxTop = 100;
    private const int DefaultTop = 10;

    /// <summary>All commands that there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. RuleControl.Commands, UsageQuery, TrafficQuery, Top, Nodes];

    public RuleControl Rules => rules;

    public async Task<CommandReply> RunAsync(
        string command, ReadOnlyMemory<byte> body, CommandOrigin origin, CancellationToken cancellationToken)
    {
        if (command is not (Nodes or UsageQuery or TrafficQuery or Top))
        {
            return await rules.RunAsync(command, body, origin, cancellationToken);
        }

        List<RuleError> errors = [];
        if (ReportRequest.TryRead(body, command, time.GetUtcNow(), errors) is not { } request)
        {
            return new CommandReply(CommandError.InvalidRequest, errors, null);
        }

        if (request.Range is { } range)
        {
            return await HistoryAsync(command, request, range, cancellationToken);
        }

        if (request.Rule is { } rule && !rules.Document.Rules.TryGet(rule, out _))
        {
            return Unknown(rule);
        }

        return command switch
        {
            Nodes => await NodesAsync(cancellationToken),
            UsageQuery => UsageOf(await AskAsync(NodeReports.Usage, request, cancellationToken), request),
            _ => TopOf(
                await AskAsync(request.Rule is { } name ? $"{NodeReports.Top} {name}" : NodeReports.Top, request, cancellationToken), request),
        };
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> AskAsync(string question, ReportRequest request, CancellationToken cancellationToken) =>
        request.IsNodeOnly ? [reports.Answer(question)] : await gather(question, cancellationToken);

    private async Task<CommandReply> HistoryAsync(
        string command, ReportRequest request, HistoryRange range, CancellationToken cancellationToken)
    {
        (string word, HistorySum sum) = command switch
        {
            UsageQuery => (NodeReports.Usage, new RuleHistorySum(range, request.Rule)),
            TrafficQuery => (NodeReports.Traffic, new RouteHistorySum(range, request.Route)),
            _ => (NodeReports.Top, (HistorySum)new TopHistorySum(range, request.Count ?? DefaultTop)),
        };
        string question = HistoryQuestion.Write(word, range, request.Rule ?? request.Route);
        foreach (ReadOnlyMemory<byte> answer in request.IsNodeOnly
            ? [await reports.AnswerInFullAsync(question, cancellationToken)]
            : await gather(question, cancellationToken))
        {
            sum.Add(answer);
        }

        if (sum.Answers == 0)
        {
            return new CommandReply(CommandError.Unavailable, [new RuleError("$", sum.Problem ?? "no sidecar has answered in time")], null);
        }

        // A rule may be gone and have been at work all the same.
        return request.Rule is { } rule && sum.IsEmpty && !rules.Document.Rules.TryGet(rule, out _)
            ? Unknown(rule)
            : new CommandReply(null, sum.Write);
    }

    private static CommandReply Unknown(string rule) =>
        new(CommandError.UnknownRule, [new RuleError("$.rule", $"there is no rule '{rule}'")], null);

    private async Task<CommandReply> NodesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ReadOnlyMemory<byte>> nodes = await gather(NodeReports.Describe, cancellationToken);
        return new CommandReply(null, writer =>
        {
            writer.WriteString("domain", domain);
            writer.WriteString("answeredBy", reports.Name);
            writer.WriteStartArray("nodes");
            foreach (ReadOnlyMemory<byte> node in nodes)
            {
                // Anyone in the domain may have answered anything.
                using JsonDocument? document = ReportReading.TryParse(node);
                document?.RootElement.WriteTo(writer);
            }

            writer.WriteEndArray();
        });
    }

    private static CommandReply UsageOf(IReadOnlyList<ReadOnlyMemory<byte>> answers, ReportRequest request)
    {
        UsageSum sum = new();
        foreach (ReadOnlyMemory<byte> answer in answers)
        {
            sum.Add(answer);
        }

        return new CommandReply(null, writer => sum.Write(writer, request.Rule));
    }

    private static CommandReply TopOf(IReadOnlyList<ReadOnlyMemory<byte>> answers, ReportRequest request)
    {
        TopSum sum = new();
        foreach (ReadOnlyMemory<byte> answer in answers)
        {
            sum.Add(answer);
        }

        return new CommandReply(null, writer => sum.Write(writer, Math.Min(request.Count ?? DefaultTop, MaxTop)));
    }
}
