using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Rules;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Tests.Infrastructure;

/// <summary>One process of a domain: a limiter with one shared rule, of 10 permits an hour for each key, and what it shares by.</summary>
internal sealed class Member : IAsyncDisposable
{
    public const int Limit = 10;

    private Member(NatsOpts options, string domain, ColdStartBehavior coldStart, int limit)
    {
        QuotaLimiterOptions<string> limiterOptions = new() { Sharing = Quotas };
        limiterOptions.KeySources.Add("name", name => name);
        limiterOptions.Rules.Add(new RateLimitRule
        {
            Name = "shared", Key = ["name"], Limit = limit, Window = TimeSpan.FromHours(1), Algorithm = RateLimitAlgorithm.FixedWindow,
            Scope = RuleScope.Shared, ColdStart = coldStart, OnPartition = PartitionBehavior.Closed,
        });
        Limiter = new QuotaLimiter<string>(limiterOptions);
        Sharing = NatsSharing.Start(Quotas, new NatsSharingOptions
        {
            Connection = options,
            Subjects = new NatsSubjects(domain),
            DescribeNode = _ => "a node"u8.ToArray(),
            Loggers = Log,
        });
    }

    public QuotaSharing Quotas { get; } = new();

    public QuotaLimiter<string> Limiter { get; }

    public NatsSharing Sharing { get; }

    public CollectedLog Log { get; } = new();

    public bool IsConnected => Quotas.GetStatus().IsConnected;

    /// <summary>Whether the shard of all members has an owner, seen from here.</summary>
    public bool HasOwner => Quotas.GetStatus().Lag is not null;

    public static Member Start(
        string url,
        NatsAuthOpts? credentials = null,
        string domain = "tests",
        ColdStartBehavior coldStart = ColdStartBehavior.Wait,
        int limit = Limit) =>
        new(new NatsOpts { Url = url, AuthOpts = credentials ?? NatsAuthOpts.Default }, domain, coldStart, limit);

    public async ValueTask DisposeAsync()
    {
        await Sharing.DisposeAsync();
        await Limiter.DisposeAsync();
        Log.Dispose();
    }
}
