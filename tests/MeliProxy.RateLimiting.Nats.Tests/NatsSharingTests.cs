using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Tests;

public sealed class NatsSharingTests
{
    private const int Connected = 1;
    private const int Lost = 2;
    private const int Unreachable = 3;
    private const int Refused = 4;
    private const int NoJetStream = 5;
    private const int NotPermitted = 7;
    private const int Failed = 8;

    [Fact]
    public async Task Members_share_one_quota()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member ann = Member.Start(server.Url);
        await using Member bob = Member.Start(server.Url);
        await Eventually.TrueAsync(() => ann.Quotas.GetStatus().Members == 2 && bob.Quotas.GetStatus().Members == 2);

        int admitted = 0;
        await Eventually.TrueAsync(() =>
        {
            admitted += ann.Limiter.Decide("key").IsAllowed ? 1 : 0;
            admitted += bob.Limiter.Decide("key").IsAllowed ? 1 : 0;
            return admitted >= Member.Limit;
        });
        for (int i = 0; i < 100; i++)
        {
            Assert.False(ann.Limiter.Decide("key").IsAllowed || bob.Limiter.Decide("key").IsAllowed);
            await Task.Yield();
        }

        Assert.Equal(Member.Limit, admitted);
        Assert.Equal(0, ann.Quotas.GetStatus().RefusedMessages + bob.Quotas.GetStatus().RefusedMessages);
        Assert.Equal([$"1 Information: Quotas of the domain tests are shared over NATS at {server.Url}"], ann.Log.Lines);
    }

    [Fact]
    public async Task Domains_are_apart()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member ann = Member.Start(server.Url, domain: "one");
        await using Member bob = Member.Start(server.Url, domain: "two");

        await Eventually.TrueAsync(() => ann.Quotas.GetStatus().Members == 1 && bob.Quotas.GetStatus().Members == 1);

        Assert.Contains(ann.Quotas.GetStatus().Shards, shard => shard.IsOwned);
        Assert.Contains(bob.Quotas.GetStatus().Shards, shard => shard.IsOwned);
    }

    [Fact]
    public async Task A_server_that_starts_later_is_found()
    {
        await using NatsServer server = await NatsServer.ReserveAsync("-js");
        await using Member member = Member.Start(server.Url);
        await Eventually.TrueAsync(() => member.Log.Count(Unreachable) == 1);
        Assert.False(member.IsConnected);

        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => member.HasOwner);

        Assert.Equal([Unreachable, Connected], Events(member));
    }

    [Fact]
    public async Task A_server_that_crashes_and_comes_back_is_used_again()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member member = Member.Start(server.Url);
        await Eventually.TrueAsync(() => member.HasOwner);

        await server.KillAsync();
        await Eventually.TrueAsync(() => !member.IsConnected);
        await server.StartAgainAsync();
        await Eventually.TrueAsync(() => member.IsConnected && !member.Quotas.GetStatus().Shards.Any(s => s.IsCutOff));
        await Eventually.TrueAsync(() => member.Limiter.Decide("key").IsAllowed);

        Assert.Equal([Connected, Lost, Connected], Events(member));
    }

    [Fact]
    public async Task A_server_that_hangs_is_noticed_within_five_seconds_and_used_again_afterwards()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member member = Member.Start(server.Url);
        await Eventually.TrueAsync(() => member.HasOwner);

        await server.PauseAsync();
        await Eventually.TrueAsync(() => !member.IsConnected, TimeSpan.FromSeconds(5));
        await server.ResumeAsync();
        await Eventually.TrueAsync(() => member.IsConnected);
        await Eventually.TrueAsync(() => member.Limiter.Decide("key").IsAllowed);
    }

    [Fact]
    public async Task A_server_without_JetStream_is_told_of_once_with_what_to_do()
    {
        await using NatsServer server = await NatsServer.StartAloneAsync();
        await using Member member = Member.Start(server.Url);
        await Eventually.TrueAsync(() => member.Log.Lines.Count > 0);

        Assert.False(member.IsConnected);
        string line = Assert.Single(member.Log.Lines);
        Assert.StartsWith($"5 Error: NATS at {server.Url} has no JetStream", line, StringComparison.Ordinal);
        Assert.Contains("nats-server -js", line, StringComparison.Ordinal);

        // It is tried again from time to time, and not told again.
        await Task.Delay(TimeSpan.FromSeconds(1.5), TestContext.Current.CancellationToken);
        Assert.Equal([NoJetStream], Events(member));
    }

    [Fact]
    public async Task Refused_credentials_are_told_of_without_showing_them()
    {
        await using NatsServer server = await NatsServer.StartAsync("--user", "proxy", "--pass", "right");
        await using Member inOptions = Member.Start(server.Url, new NatsAuthOpts { Username = "proxy-name", Password = "wrong-word" });
        await using Member inUrl = Member.Start(server.Url.Replace("//", "//proxy-name:wrong-word@", StringComparison.Ordinal));
        await using Member welcome = Member.Start(server.Url.Replace("//", "//proxy:right@", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => inOptions.Log.Lines.Count > 0 && inUrl.Log.Lines.Count > 0 && welcome.IsConnected);

        foreach (Member member in new[] { inOptions, inUrl })
        {
            Assert.False(member.IsConnected);
            string line = Assert.Single(member.Log.Lines);
            Assert.StartsWith($"4 Error: NATS at {server.Url} refuses the credentials (authorization violation)", line, StringComparison.Ordinal);
            Assert.DoesNotContain("proxy-name", line, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong-word", line, StringComparison.Ordinal);
        }

        Assert.Equal([$"1 Information: Quotas of the domain tests are shared over NATS at {server.Url}"], welcome.Log.Lines);
        Assert.Equal([Refused], Events(inUrl));
    }

    [Fact]
    public async Task Credentials_may_be_a_token()
    {
        await using NatsServer server = await NatsServer.StartAsync("--auth", "s3cret");
        await using Member member = Member.Start(server.Url, new NatsAuthOpts { Token = "s3cret" });

        await Eventually.TrueAsync(() => member.HasOwner);
        Assert.Equal([Connected], Events(member));
    }

    [Fact]
    public void An_unreadable_url_is_refused_without_showing_it()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>("options", () => Member.Start("http://me:word@host"));
        Assert.DoesNotContain("word", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_documented_permissions_are_enough()
    {
        await using NatsServer server = await NatsServer.StartConfiguredAsync(await ProtocolPage.ConfigurationAsync());
        await using Member ann = Member.Start(server.Url, new NatsAuthOpts { Username = "sidecar", Password = "change-me" }, "default");
        await using Member bob = Member.Start(server.Url, new NatsAuthOpts { Username = "sidecar", Password = "change-me" }, "default");
        await Eventually.TrueAsync(() => ann.Quotas.GetStatus().Members == 2 && bob.Quotas.GetStatus().Members == 2);
        await Eventually.TrueAsync(() => ann.Limiter.Decide("key").IsAllowed);
        int nodes = 0;
        for (int i = 0; i < 30 && nodes < 2; i++)
        {
            nodes = (await ann.Sharing.GatherNodesAsync(TimeSpan.FromSeconds(1), "", TestContext.Current.CancellationToken)).Count;
        }

        Assert.Equal(2, nodes);

        Assert.Equal([Connected], Events(ann));
        Assert.Equal([Connected], Events(bob));
    }

    [Fact]
    public async Task What_is_not_permitted_is_told_of()
    {
        string configuration = await ProtocolPage.ConfigurationAsync();
        configuration = configuration.Replace("\"$KV.meliproxy-default.>\"", "\"$KV.other.>\"", StringComparison.Ordinal);
        await using NatsServer server = await NatsServer.StartConfiguredAsync(configuration);
        await using Member member = Member.Start(server.Url, new NatsAuthOpts { Username = "sidecar", Password = "change-me" }, "default");
        await Eventually.TrueAsync(() => member.Log.Count(NotPermitted) == 1);

        Assert.Contains(member.Log.Lines, line => line.Contains("$KV.meliproxy-default.secret", StringComparison.Ordinal));
        Assert.Equal(0, member.Log.Count(Failed));
    }

    [Fact]
    public async Task A_bucket_that_was_deleted_is_made_again()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using Member member = Member.Start(server.Url);
        await Eventually.TrueAsync(() => member.HasOwner);

        await using NatsConnection people = new(new NatsOpts { Url = server.Url });
        await people.RequestAsync<string>(
            "$JS.API.STREAM.DELETE.KV_meliproxy-tests", cancellationToken: TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => member.Log.Count(Connected) == 2);
        Assert.Contains(member.Log.Lines, line => line.Contains("it is gone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leaving_gives_a_shard_back_at_once()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        Member ann = Member.Start(server.Url);
        await Eventually.TrueAsync(() => ann.HasOwner);
        await using Member bob = Member.Start(server.Url);
        await Eventually.TrueAsync(() => bob.HasOwner);
        Assert.DoesNotContain(bob.Quotas.GetStatus().Shards, shard => shard.IsOwned);

        await ann.DisposeAsync();

        await Eventually.TrueAsync(() => bob.Quotas.GetStatus().Shards.Any(shard => shard.IsOwned));
    }

    [Fact]
    public async Task Ends_soon_whatever_the_server_does()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        Member hung = Member.Start(server.Url);
        Member unconnected = Member.Start("nats://127.0.0.1:1");
        await Eventually.TrueAsync(() => hung.HasOwner && unconnected.Log.Count(Unreachable) == 1);
        await server.PauseAsync();

        long start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(hung.DisposeAsync().AsTask(), unconnected.DisposeAsync().AsTask());
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(8));
        await server.ResumeAsync();
    }

    private static IEnumerable<int> Events(Member member) => member.Log.Lines.Select(line => line[0] - '0');
}
