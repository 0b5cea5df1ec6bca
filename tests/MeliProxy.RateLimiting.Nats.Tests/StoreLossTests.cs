using System.Globalization;
using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Tests;

/// <summary>The bucket is lost, replaced or put back while members run.</summary>
public sealed class StoreLossTests
{
    private const int StoreReplaced = 9;
    private const int SecretReplaced = 10;
    private const int SecretUnusable = 11;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(12);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_comes_back_empty_is_shared_over_again()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member ann = Member.Start(server.Url, limit: 1_000);
        await using Member bob = Member.Start(server.Url, limit: 1_000);
        await ShareAsync(ann, bob);

        await server.KillAsync();
        server.Empty();
        await server.StartAgainAsync();

        await ShareAsync(ann, bob);
    }

    [Fact]
    public async Task A_server_that_comes_back_with_an_earlier_state_is_shared_over_again()
    {
        string copy = Directory.CreateTempSubdirectory("nats-copy-").FullName;
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member ann = Member.Start(server.Url, limit: 1_000);
        Member first = Member.Start(server.Url, limit: 1_000);
        await ShareAsync(ann, first);
        await server.KillAsync();
        server.CopyTo(copy);
        await server.StartAgainAsync();
        await ShareAsync(ann, first);

        // Owners change, so epochs grow.
        await first.DisposeAsync();
        await using Member bob = Member.Start(server.Url, limit: 1_000);
        await ShareAsync(ann, bob);
        await server.KillAsync();
        server.Restore(copy);
        await server.StartAgainAsync();

        await ShareAsync(ann, bob);
        Directory.Delete(copy, recursive: true);
    }

    [Fact]
    public async Task A_bucket_that_was_deleted_is_shared_over_again_by_those_who_did_not_notice()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member owner = Member.Start(server.Url, limit: 1_000);
        await ShareAsync(owner, owner);
        await using Member other = Member.Start(server.Url, limit: 1_000);
        await ShareAsync(owner, other);
        Assert.DoesNotContain(other.Quotas.GetStatus().Shards, shard => shard.IsOwned);

        await using NatsConnection people = new(new NatsOpts { Url = server.Url });
        await people.RequestAsync<string>("$JS.API.STREAM.DELETE.KV_meliproxy-tests", cancellationToken: Cancellation);

        await Eventually.TrueAsync(() => owner.Log.Count(StoreReplaced) + other.Log.Count(StoreReplaced) > 0);
        await ShareAsync(owner, other);
        Assert.InRange(owner.Log.Count(StoreReplaced), 0, 1);
        Assert.InRange(other.Log.Count(StoreReplaced), 0, 1);
    }

    [Fact]
    public async Task A_secret_that_was_replaced_is_followed_by_those_who_have_another()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member ann = Member.Start(server.Url, limit: 1_000);
        await ShareAsync(ann, ann);
        await using NatsConnection people = new(new NatsOpts { Url = server.Url });
        await people.PublishAsync("$KV.meliproxy-tests.secret", "0123456789abcdef", cancellationToken: Cancellation);
        await using Member bob = Member.Start(server.Url, limit: 1_000);

        await Eventually.TrueAsync(() => ann.Log.Count(SecretReplaced) == 1, Patience + Patience);
        await ShareAsync(ann, bob);
        Assert.Equal(0, bob.Log.Count(SecretReplaced));
    }

    [Fact]
    public async Task What_is_no_secret_is_told_of_once()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member ann = Member.Start(server.Url);
        await Eventually.TrueAsync(() => ann.HasOwner);
        await using NatsConnection people = new(new NatsOpts { Url = server.Url });
        await people.PublishAsync("$KV.meliproxy-tests.secret", "a word", cancellationToken: Cancellation);
        await using Member bob = Member.Start(server.Url);

        await Eventually.TrueAsync(() => bob.Log.Count(SecretUnusable) == 1);
        await Task.Delay(TimeSpan.FromSeconds(4), Cancellation);
        Assert.Equal(1, bob.Log.Count(SecretUnusable));
    }

    /// <summary>Both use keys, of several shards.</summary>
    private static async Task ShareAsync(Member ann, Member bob)
    {
        for (int i = 0; i < 5; i++)
        {
            string key = i.ToString(CultureInfo.InvariantCulture);
            await Eventually.TrueAsync(() => ann.Limiter.Decide(key).IsAllowed, Patience);
            await Eventually.TrueAsync(() => bob.Limiter.Decide(key).IsAllowed, Patience);
        }
    }
}
