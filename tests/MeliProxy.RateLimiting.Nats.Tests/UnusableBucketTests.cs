using System.Text.Json;
using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Tests;

/// <summary>A bucket that is there, and cannot be used.</summary>
public sealed class UnusableBucketTests
{
    private const int Connected = 1;
    private const int NoBucket = 6;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"subjects\":[\"other.>\"]", "$KV.meliproxy-tests.>")]
    [InlineData("\"subjects\":[\"$KV.meliproxy-tests.*\"]", "$KV.meliproxy-tests.>")]
    [InlineData("\"subjects\":[\"$KV.meliproxy-tests.>\"],\"max_msg_size\":20", "20 bytes")]
    [InlineData("\"subjects\":[\"$KV.meliproxy-tests.>\"],\"no_ack\":true", "no_ack")]
    [InlineData("\"subjects\":[\"$KV.meliproxy-tests.>\"],\"max_age\":1000000000,\"duplicate_window\":1000000000", "max_age")]
    [InlineData("\"subjects\":[\"$KV.meliproxy-tests.>\"],\"max_msgs\":2,\"discard\":\"old\"", "discards old")]
    [InlineData("\"subjects\":[\"$KV.>\"],\"max_bytes\":100,\"discard\":\"new\"", "100 bytes")]
    public async Task Is_told_of_once_with_what_is_wrong(string settings, string expected)
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection people = new(new NatsOpts { Url = server.Url });
        await SetAsync(people, "CREATE", settings);
        await using Member member = Member.Start(server.Url);
        await Eventually.TrueAsync(() => member.Log.Lines.Count > 0);
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);

        Assert.Contains(expected, Assert.Single(member.Log.Lines), StringComparison.Ordinal);
        Assert.Equal(1, member.Log.Count(NoBucket));
        Assert.False(member.IsConnected);
    }

    [Fact]
    public async Task Is_told_of_when_it_takes_nothing_any_more_and_when_it_does_again()
    {
        const string Subjects = "\"subjects\":[\"$KV.meliproxy-tests.>\"],\"discard\":\"new\"";
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection people = new(new NatsOpts { Url = server.Url });
        await SetAsync(people, "CREATE", Subjects);
        await using Member member = Member.Start(server.Url);
        await Eventually.TrueAsync(() => member.HasOwner);

        await SetAsync(people, "UPDATE", Subjects + ",\"max_bytes\":1");
        await Eventually.TrueAsync(() => member.Log.Count(NoBucket) == 1);
        Assert.Contains(member.Log.Lines, line => line.Contains("maximum bytes exceeded", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
        Assert.Equal(1, member.Log.Count(NoBucket));
        Assert.False(member.IsConnected);

        await SetAsync(people, "UPDATE", Subjects);
        await Eventually.TrueAsync(() => member.Limiter.Decide("key").IsAllowed);
        Assert.Equal(2, member.Log.Count(Connected));
    }

    [Fact]
    public async Task Is_told_of_when_it_is_sealed()
    {
        const string Subjects = "\"subjects\":[\"$KV.meliproxy-tests.>\"]";
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection people = new(new NatsOpts { Url = server.Url });
        await SetAsync(people, "CREATE", Subjects);
        await using Member member = Member.Start(server.Url);
        await Eventually.TrueAsync(() => member.HasOwner);

        await SetAsync(people, "UPDATE", Subjects + ",\"sealed\":true");
        await Eventually.TrueAsync(() => member.Log.Count(NoBucket) == 1);
        Assert.Contains(member.Log.Lines, line => line.Contains("sealed", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(2), Cancellation);
        Assert.Equal(1, member.Log.Count(Connected));
    }

    private static async Task SetAsync(NatsConnection people, string what, string settings)
    {
        NatsMsg<string> answer = await people.RequestAsync<string, string>(
            $"$JS.API.STREAM.{what}.KV_meliproxy-tests",
            $"{{\"name\":\"KV_meliproxy-tests\",\"storage\":\"file\",\"max_msgs_per_subject\":1,{settings}}}",
            cancellationToken: Cancellation);
        using JsonDocument said = JsonDocument.Parse(answer.Data!);
        Assert.False(said.RootElement.TryGetProperty("error", out _), answer.Data);
    }
}
