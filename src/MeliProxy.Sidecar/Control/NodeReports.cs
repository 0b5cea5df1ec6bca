using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Nats;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Hosting.Rules;
using MeliProxy.Sidecar.Usage.History;
using MeliProxy.Sidecar.Usage.Store;

namespace MeliProxy.Sidecar.Control;

/// <summary>What a sidecar answers about itself to the others of its domain: JSON objects that have its id.</summary>
internal sealed class NodeReports
{
    /// <summary>The question for a description is an empty one.</summary>
    public const string Describe = "";

    /// <summary>The question for the counts of rules.</summary>
    public const string Usage = "usage";

    /// <summary>The question for what passed over routes in a time.</summary>
    public const string Traffic = "traffic";

    /// <summary>The question for the keys with the most requests, of the rule that is named after it, if any.</summary>
    public const string Top = "top";

    /// <summary>What an answer may be long at most, in bytes.</summary>
    private const int MaxLength = 65_536;

    private const int MostKeys = 100;

    private readonly QuotaLimiter<HttpContext> _limiter;
    private readonly QuotaSharing? _sharing;
    private readonly SidecarRules _rules;
    private readonly TrafficRecorder? _traffic;
    private readonly DateTimeOffset _since;
    private readonly byte[] _id;

    public NodeReports(QuotaLimiter<HttpContext> limiter, QuotaSharing? sharing, SidecarRules rules, TrafficRecorder? traffic, TimeProvider time)
    {
        _limiter = limiter;
        _sharing = sharing;
        _rules = rules;
        _traffic = traffic;
        _since = time.GetUtcNow();
        _id = Encoding.ASCII.GetBytes($"\"id\":\"{Id}\"");
    }

    public static string Version { get; } =
        typeof(NodeReports).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>What the sidecar is called; until it is, it tells nothing.</summary>
    public string? Name { get; set; }

    /// <summary>Where usage is stored, if it is.</summary>
    public UsageStore? Store { get; init; }

    /// <summary>What carries its messages, once there is something.</summary>
    public NatsSharing? Nats { get; set; }

    /// <summary>What hands usage to sinks, if there are any.</summary>
    public UsageReporter? Reporter { get; set; }

    private string Id => (_sharing?.Node ?? 0).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Whether an answer is this sidecar's.</summary>
    public bool IsOwn(byte[] answer) => answer.AsSpan().IndexOf(_id) >= 0;

    /// <summary>Whether a question is about a time.</summary>
    public static bool IsAboutTime(string question) => HistoryQuestion.TryRead(question) is not null;

    /// <summary>Answers a question, which may be any text, in as few bytes as fit a message; an unknown one with nothing.</summary>
    public ReadOnlyMemory<byte> Answer(string question) => Answer(question, MaxLength);

    /// <summary>Answers a question about a time, however long the answer is.</summary>
    public Task<ReadOnlyMemory<byte>> AnswerInFullAsync(string question, CancellationToken cancellationToken) =>
        Task.Run(() => Answer(question, int.MaxValue, cancellationToken), cancellationToken);

    private ReadOnlyMemory<byte> Answer(string question, int maxLength, CancellationToken cancellationToken = default)
    {
        if (Name is not { } name)
        {
            return default;
        }

        string[] words = question.Split(' ', 2);
        if (words[0] is Usage or Traffic or Top && HistoryQuestion.TryRead(question) is { } history)
        {
            return WriteHistory(words[0], history, maxLength, cancellationToken);
        }

        return words[0] switch
        {
            Describe => NodeDescription.Write(
                name,
                Version,
                new RulesStatus(_rules.Control.Document.Revision, _rules.IsCutOff, _rules.Control.Problem),
                new ProcessStatus(_since, _traffic?.InFlight ?? 0, Environment.WorkingSet, Reporter?.GetSinkStatus() ?? []),
                _sharing?.GetStatus(),
                Nats?.DroppedMessages ?? 0),
            Usage => Write(WriteUsage),
            Top => WriteTop(words.Length > 1 ? words[1] : null),
            _ => default,
        };
    }

    private ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("node", Name);
            writer.WriteString("id", Id);
            writer.WriteString("since", _since.UtcDateTime);
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private void WriteUsage(Utf8JsonWriter writer)
    {
        RuleMode mode = _limiter.Rules.Mode;
        writer.WriteStartArray("rules");
        foreach (RuleCounts counts in _limiter.GetRuleCounts())
        {
            writer.WriteStartObject();
            writer.WriteString("rule", counts.Rule.Name);
            writer.WriteString("mode", mode == RuleMode.Shadow || counts.Rule.Mode == RuleMode.Shadow ? "shadow" : "enforce");
            writer.WriteNumber("allowed", counts.Allowed);
            writer.WriteNumber("limited", counts.Limited);
            writer.WriteNumber("shadowLimited", counts.ShadowLimited);
            writer.WriteNumber("delayed", counts.Delayed);
            writer.WriteNumber("failed", counts.Failed);
            writer.WriteNumber("noRoom", counts.NoRoom);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private ReadOnlyMemory<byte> WriteHistory(string word, HistoryQuestion question, int maxLength, CancellationToken cancellationToken)
    {
        if (Store is not { } store)
        {
            return Write(writer => writer.WriteString("problem", "there is no usage store: set usage.store, and usage.record is not to be false"));
        }

        try
        {
            switch (word)
            {
                case Usage:
                    HistoryOf<RuleHistory> rules = store.Reader.ReadRules(question.Range, question.Name, cancellationToken);
                    return Fit(rules.Range, maxLength, (writer, range) => HistoryReport.Write(writer, rules, range));
                case Traffic:
                    HistoryOf<RouteHistory> routes = store.Reader.ReadRoutes(question.Range, question.Name, cancellationToken);
                    return Fit(routes.Range, maxLength, (writer, range) => HistoryReport.Write(writer, routes, range));
                default:
                    HistoryOf<KeyHits> keys = store.Reader.ReadTop(question.Range, question.Name, MostKeys, cancellationToken);
                    return FitKeys(keys.Items.Count, maxLength, (writer, count) => HistoryReport.Write(writer, keys, count));
            }
        }
        catch (UsageStoreException e)
        {
            return Write(writer => writer.WriteString("problem", e.Message));
        }
    }

    /// <summary>Tells it in the shortest steps for which an answer has room.</summary>
    private ReadOnlyMemory<byte> Fit(HistoryRange range, int maxLength, Action<Utf8JsonWriter, HistoryRange> write)
    {
        while (true)
        {
            ReadOnlyMemory<byte> answer = Write(writer => write(writer, range));
            if (answer.Length <= maxLength)
            {
                return answer;
            }

            if (range.Points == 1 || range.Coarser() is not { } coarser)
            {
                return Write(writer => writer.WriteString("problem", "it has too much to tell for a message; ask for one rule or route, or it alone"));
            }

            range = coarser;
        }
    }

    /// <summary>Tells as many keys as an answer has room for.</summary>
    private ReadOnlyMemory<byte> WriteTop(string? rule)
    {
        TopKey[] keys = [.. _limiter.GetTopKeys(rule).OrderByDescending(key => key.Hits).Take(MostKeys)];
        return FitKeys(keys.Length, MaxLength, (writer, count) => WriteKeys(writer, keys.AsSpan(0, count)));
    }

    private ReadOnlyMemory<byte> FitKeys(int most, int maxLength, Action<Utf8JsonWriter, int> write)
    {
        for (int count = most; ; count /= 2)
        {
            ReadOnlyMemory<byte> answer = Write(writer => write(writer, count));
            if (answer.Length <= maxLength || count == 0)
            {
                return answer;
            }
        }
    }

    private static void WriteKeys(Utf8JsonWriter writer, ReadOnlySpan<TopKey> keys)
    {
        writer.WriteStartArray("keys");
        foreach (TopKey key in keys)
        {
            writer.WriteStartObject();
            writer.WriteString("rule", key.Rule);
            writer.WriteStartArray("key");
            foreach (string part in key.Key)
            {
                writer.WriteStringValue(part);
            }

            writer.WriteEndArray();
            writer.WriteNumber("hits", key.Hits);
            writer.WriteNumber("limited", key.Limited);
            writer.WriteNumber("error", key.Error);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
