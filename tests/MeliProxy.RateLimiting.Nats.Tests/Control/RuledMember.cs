using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;
using MeliProxy.RateLimiting.Rules;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Tests.Control;

/// <summary>One process of a domain that has its rules from NATS and answers commands there.</summary>
internal sealed class RuledMember : IAsyncDisposable
{
    private static readonly CommandOrigin Origin = new("test");
    private readonly QuotaLimiter<string> _limiter;
    private readonly NatsSharing _sharing;

    private RuledMember(NatsOpts connection, RuleDocument document, string domain)
    {
        QuotaSharing quotas = new();
        QuotaLimiterOptions<string> options = new() { Sharing = quotas };
        options.KeySources.Add("name", name => name);
        _limiter = new QuotaLimiter<string>(options);
        Store = new NatsRuleStore(document);
        Control = new RuleControl(new RuleControlOptions
        {
            Store = Store,
            Apply = _limiter.Update,
            Applied = (applied, problem) => Applied.Enqueue((applied.Revision, problem)),
        });
        _sharing = NatsSharing.Start(quotas, new NatsSharingOptions
        {
            Connection = connection,
            Subjects = new NatsSubjects(domain),
            Rules = Store,
            Commands = new NatsCommandOptions
            {
                Names = RuleControl.Commands,
                Run = async (command, body, stop) => (await Control.RunAsync(command, body, new CommandOrigin("nats"), stop)).ToJson(),
                Version = "1.2.3",
            },
            Loggers = Log,
        });
    }

    public NatsRuleStore Store { get; }

    public RuleControl Control { get; }

    public CollectedLog Log { get; } = new();

    public ConcurrentQueue<(long Revision, string? Problem)> Applied { get; } = new();

    public RuleSet InForce => _limiter.Rules;

    /// <summary>A rule as JSON.</summary>
    public static string Rule(string name, long limit) => $$"""{"name":"{{name}}","key":["name"],"limit":{{limit}},"window":"1h"}""";

    /// <summary>The document that a configuration with one rule begins.</summary>
    public static RuleDocument Document(string rule, long limit) => RuleDocument.Begin(
        new RuleSet([new RateLimitRule { Name = rule, Key = ["name"], Limit = limit, Window = TimeSpan.FromHours(1) }]), DateTimeOffset.UtcNow);

    public static RuledMember Start(string url, RuleDocument? document = null, string domain = "tests", NatsAuthOpts? credentials = null) =>
        new(new NatsOpts { Url = url, AuthOpts = credentials ?? NatsAuthOpts.Default }, document ?? Document("configured", 1), domain);

    public async Task<JsonElement> SendAsync(string command, string body = "") => JsonElement.Parse(
        (await Control.RunAsync(command, Encoding.UTF8.GetBytes(body), Origin, TestContext.Current.CancellationToken)).ToJson().Span);

    public long? LimitOf(string rule) => InForce.TryGet(rule, out RateLimitRule? found) ? found.Limit : null;

    public async ValueTask DisposeAsync()
    {
        await _sharing.DisposeAsync();
        Control.Dispose();
        await _limiter.DisposeAsync();
        Log.Dispose();
    }
}
