// A consumer that keeps each tenant within its quota: messages over it wait their turn, and those of a blocked tenant are set aside.
using System.Collections.Concurrent;
using System.Threading.Channels;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;
using MessageConsumer;

QuotaLimiterOptions<Message> options = new();
options.KeySources.Add("tenant", message => message.Tenant);
options.KeySources.Add("account", new AccountKeySource());
foreach (RateLimitRule rule in RulesFile.Read(Path.Combine(AppContext.BaseDirectory, "rules.json"), options))
{
    options.Rules.Add(rule);
}

// Limit 0 blocks. This one ends by itself.
options.Overrides.Add(new RuleOverride
{
    Rule = "tenant-rate", Key = ["initech"], Limit = 0, ExpiresAt = TimeProvider.System.GetUtcNow().AddHours(1),
});
using QuotaLimiter<Message> limiter = new(options);

// Stands for a broker: acme sends often, globex sends much, and initech is blocked.
Channel<Message> broker = Channel.CreateBounded<Message>(16);
Task producer = ProduceAsync(broker.Writer);

ConcurrentDictionary<string, TenantTally> tallies = new();
long start = TimeProvider.System.GetTimestamp();
ParallelOptions parallel = new() { MaxDegreeOfParallelism = 16 };
await Parallel.ForEachAsync(broker.Reader.ReadAllAsync(), parallel, ConsumeAsync);
await producer;

foreach ((string tenant, TenantTally tally) in tallies.OrderBy(pair => pair.Key))
{
    Console.WriteLine($"{tenant}: {tally}");
}

foreach (RuleCounts counts in limiter.GetRuleCounts())
{
    Console.WriteLine($"{counts.Rule.Name}: {counts.Allowed} allowed, {counts.Delayed} of them delayed, {counts.Limited} limited");
}

async ValueTask ConsumeAsync(Message message, CancellationToken cancellationToken)
{
    TenantTally tally = tallies.GetOrAdd(message.Tenant, _ => new TenantTally());
    using QuotaDecision decision = await limiter.DecideAsync(message, cancellationToken: cancellationToken);
    if (!decision.IsAllowed)
    {
        // A real consumer would hand the message back to the broker, to come again after decision.RetryAfter.
        tally.Rejected();
        Report(message, $"rejected by {string.Join(", ", decision.ViolatedRules)}");
        return;
    }

    await Task.Delay(10, cancellationToken);
    decision.Charge("bytes", message.Bytes);
    tally.Handled();
    Report(message, "handled");
}

void Report(Message message, string outcome)
{
    double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    Console.WriteLine($"{seconds:0.00} s  {message.Tenant}/{message.Account}  {message.Bytes} bytes  {outcome}");
}

static async Task ProduceAsync(ChannelWriter<Message> writer)
{
    for (int i = 0; i < 24; i++)
    {
        await writer.WriteAsync(new Message("acme", i % 3, 100));
        if (i % 8 == 0)
        {
            await writer.WriteAsync(new Message("globex", 7, 8_000));
            await writer.WriteAsync(new Message("initech", 1, 50));
        }
    }

    writer.Complete();
}
