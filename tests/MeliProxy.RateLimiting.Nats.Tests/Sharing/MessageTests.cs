using System.Text;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Nats.Sharing;
using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Tests.Sharing;

public sealed class MessageTests
{
    private const ulong Node = 0x00c0ffee;
    private static readonly NatsSubjects Subjects = new("tests");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reports_come_to_those_who_listen_and_answers_to_their_member()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        Inbox inbox = new();
        await connection.AddSubAsync(new RawSubscription(connection, Subjects.LeaseShard(3), inbox.ReportsFor(3)), Cancellation);
        await connection.AddSubAsync(new RawSubscription(connection, Subjects.LeaseNode(Node, "*"), inbox.TakeForThisNode), Cancellation);
        using Outbox outbox = new(connection, TimeProvider.System);
        Task sending = outbox.SendAllAsync(new NatsSharingLog(NullLogger.Instance));

        outbox.Post(Subjects.LeaseShard(3), Subjects.LeaseNode(Node, "3"), "a report"u8);
        outbox.Post(Subjects.LeaseNode(Node, NatsTransport.AnswerToken), null, "an answer"u8);

        // Which comes first is not said: answers go before reports that wait.
        HashSet<(IncomingKind, int, string)> read = [await ReadAsync(inbox), await ReadAsync(inbox)];
        Assert.Equal([(IncomingKind.Report, 3, "a report"), (IncomingKind.Answer, 0, "an answer")], read);
        outbox.Complete();
        await sending;
        Assert.Equal(0, outbox.Dropped + inbox.Dropped);
    }

    [Fact]
    public async Task A_report_that_nobody_listens_to_comes_back_as_undelivered()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        Inbox inbox = new();
        await connection.AddSubAsync(new RawSubscription(connection, Subjects.LeaseNode(Node, "*"), inbox.TakeForThisNode), Cancellation);

        await connection.PublishAsync(
            Subjects.LeaseShard(31), "a report"u8.ToArray(), replyTo: Subjects.LeaseNode(Node, "31"), cancellationToken: Cancellation);

        Assert.Equal((IncomingKind.Undelivered, 31, ""), await ReadAsync(inbox));
    }

    [Theory]
    [InlineData("32", true)]
    [InlineData("x", true)]
    [InlineData("1", false)]
    public async Task What_only_looks_like_the_servers_word_is_dropped(string shard, bool hasHeader)
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        Inbox inbox = new();
        await connection.AddSubAsync(new RawSubscription(connection, Subjects.LeaseNode(Node, "*"), inbox.TakeForThisNode), Cancellation);

        if (hasHeader)
        {
            await connection.PublishAsync(Subjects.LeaseShard(1), replyTo: Subjects.LeaseNode(Node, shard), cancellationToken: Cancellation);
        }
        else
        {
            await connection.PublishAsync(Subjects.LeaseNode(Node, shard), cancellationToken: Cancellation);
        }

        await Eventually.TrueAsync(() => inbox.Dropped == 1);
        Assert.False(inbox.Messages.TryTake(out _));
    }

    [Fact]
    public async Task What_is_too_long_is_dropped_and_counted()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        Inbox inbox = new();
        await connection.AddSubAsync(new RawSubscription(connection, Subjects.LeaseShard(0), inbox.ReportsFor(0)), Cancellation);

        await connection.PublishAsync(Subjects.LeaseShard(0), new byte[QuotaSharing.MaxMessageLength + 1], cancellationToken: Cancellation);
        await connection.PublishAsync(Subjects.LeaseShard(0), new byte[QuotaSharing.MaxMessageLength], cancellationToken: Cancellation);

        Assert.Equal(QuotaSharing.MaxMessageLength, (await ReadAsync(inbox)).Text.Length);
        Assert.Equal(1, inbox.Dropped);
    }

    [Fact]
    public async Task Nothing_waits_for_a_connection()
    {
        await using NatsConnection connection = new(new NatsOpts { Url = "nats://127.0.0.1:1" });
        using Outbox outbox = new(connection, TimeProvider.System);
        for (int i = 0; i < 5_000; i++)
        {
            outbox.Post(Subjects.LeaseShard(0), null, "a report"u8);
        }

        outbox.Complete();
        await outbox.SendAllAsync(new NatsSharingLog(NullLogger.Instance));

        Assert.Equal(5_000, outbox.Dropped);
    }

    private static async Task<(IncomingKind Kind, int Shard, string Text)> ReadAsync(Inbox inbox)
    {
        Incoming message;
        while (!inbox.Messages.TryTake(out message))
        {
            Assert.True(await inbox.Messages.WaitAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
        }

        return (message.Kind, message.Shard, Encoding.UTF8.GetString(message.Bytes.Span));
    }
}
