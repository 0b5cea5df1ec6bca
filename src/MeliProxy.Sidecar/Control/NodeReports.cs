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

namespace MeliProxy.Sidecar.Control;

/// <summary>What a sidecar answers about itself to the others of its domain: JSON objects that have its id.</summary>
internal sealed class NodeReports
{
    /// <summary>The question for a description is an empty one.</summary>
    public const string Describe = "";

    /// <summary>The question for the counts of rules.</summary>
    public const string Usage = "usage";

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

    /// <summary>What carries its messages, once there is something.</summary>
    public NatsSharing? Nats { get; set; }

    /// <summary>What hands usage to sinks, if there are any.</summary>
    public UsageReporter? Reporter { get; set; }

    private string Id => (_sharing?.Node ?? 0).ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Whether an answer is this sidecar's.</summary>
    public bool IsOwn(byte[] answer) => answer.AsSpan().IndexOf(_id) >= 0;

    /// <summary>Answers a question, which may be any text; an unknown one with nothing.</summary>
    public ReadOnlyMemory<byte> Answer(string question)
    {
        if (Name is not { } name)
        {
            return default;
        }

        string[] words = question.Split(' ', 2);
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

    /// <summary>Tells as many keys as an answer has room for.</summary>
    private ReadOnlyMemory<byte> WriteTop(string? rule)
    {
        TopKey[] keys = [.. _limiter.GetTopKeys(rule).OrderByDescending(key => key.Hits).Take(MostKeys)];
        for (int count = keys.Length; ; count /= 2)
        {
            ReadOnlyMemory<byte> answer = Write(writer => WriteKeys(writer, keys.AsSpan(0, count)));
            if (answer.Length <= MaxLength || count == 0)
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
