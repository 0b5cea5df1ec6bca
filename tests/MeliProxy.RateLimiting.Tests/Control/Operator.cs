using System.Text;
using System.Text.Json;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Control;

/// <summary>A control over a store in memory, with a clock to turn, and short ways to send it commands.</summary>
internal sealed class Operator : IDisposable
{
    private static readonly CommandOrigin Origin = new("test", null);

    public Operator(params RateLimitRule[] rules)
        : this(new RuleSet(rules))
    {
    }

    public Operator(RuleSet rules, IRuleStore? store = null)
    {
        Store = store ?? new MemoryRuleStore(RuleDocument.Begin(rules, Time.GetUtcNow()));
        Control = new RuleControl(new RuleControlOptions
        {
            Store = Store,
            Apply = rules =>
            {
                Applied.Add(rules);
                WhenApplied?.Invoke();
            },
            Applied = (document, problem) => Told.Add((document.Revision, problem)),
            Check = (list, path, errors) =>
            {
                for (int i = 0; i < list.Count; i++)
                {
                    if (list[i].Key.Contains("nonsense"))
                    {
                        errors.Add(new RuleError($"{path}[{i}].key[0]", "is nonsense"));
                    }
                }
            },
            TimeProvider = Time,
        });
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    public IRuleStore Store { get; }

    public RuleControl Control { get; }

    /// <summary>All that was put in force.</summary>
    public List<RuleSet> Applied { get; } = [];

    /// <summary>Called each time that something is put in force.</summary>
    public Action? WhenApplied { get; init; }

    public List<(long Revision, string? Problem)> Told { get; } = [];

    public RuleSet InForce => Applied[^1];

    public async Task<JsonElement> SendAsync(string command, string body = "")
    {
        CommandReply reply = await Control.RunAsync(command, Encoding.UTF8.GetBytes(body), Origin);
        return JsonElement.Parse(reply.ToJson().Span);
    }

    /// <summary>Sends what is to succeed.</summary>
    public async Task<JsonElement> DoAsync(string command, string body = "")
    {
        JsonElement reply = await SendAsync(command, body);
        Assert.True(reply.GetProperty("ok").GetBoolean(), reply.GetRawText());
        return reply;
    }

    /// <summary>Sends what is to fail, and makes sure that nothing has changed.</summary>
    /// <returns>Code, path and message.</returns>
    public async Task<(string Code, string Path, string Message)> FailAsync(string command, string body = "")
    {
        RuleDocument before = Store.Document;
        JsonElement reply = await SendAsync(command, body);
        Assert.False(reply.GetProperty("ok").GetBoolean(), reply.GetRawText());
        Assert.Same(before, Store.Document);
        JsonElement error = reply.GetProperty("error");
        return (error.GetProperty("code").GetString()!, error.GetProperty("path").GetString()!, error.GetProperty("message").GetString()!);
    }

    public long? LimitOf(string rule) => InForce.TryGet(rule, out RateLimitRule? found) ? found.Limit : null;

    public void Dispose() => Control.Dispose();
}
