using System.Diagnostics;
using System.Text;
using MeliProxy.RateLimiting.Nats.Sharing;
using MeliProxy.RateLimiting.Nats.Tests.Infrastructure;
using MeliProxy.RateLimiting.Nats.Tests.Server;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Tests.Sharing;

public sealed class NodeGatheringTests
{
    private static readonly NatsSubjects Subjects = new("tests");
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_members_are_gathered()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        await using NodeGathering ann = await StartAsync(connection, "ann");
        await using NodeGathering bob = await StartAsync(connection, "bob");
        await using NodeGathering silent = await StartAsync(connection, new string('x', NodeGathering.MaxDescriptionLength + 1));
        await using NodeGathering failing = Gathering(connection, () => throw new UnreachableException());
        failing.Start();

        IReadOnlyList<byte[]> answers = await bob.GatherAsync("", Long, 2, Cancellation);

        Assert.Equal(["ann", "bob"], answers.Select(Encoding.UTF8.GetString).Order());
        Assert.Single(await bob.GatherAsync("", Long, 1, Cancellation));
        Assert.Empty(await bob.GatherAsync("", Long, 0, Cancellation));
        Assert.Equal(2, (await ann.GatherAsync("", TimeSpan.FromSeconds(1), 100, Cancellation)).Count);
    }

    [Fact]
    public async Task Where_nobody_answers_nobody_is_waited_for()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        await using NodeGathering nodes = Gathering(connection, null);

        Assert.Empty(await nodes.GatherAsync("", Long, 10, Cancellation).WaitAsync(Long / 2, Cancellation));
    }

    [Fact]
    public async Task Without_a_server_nobody_is_there()
    {
        await using NatsConnection connection = new(new NatsOpts { Url = "nats://127.0.0.1:1" });
        await using NodeGathering nodes = Gathering(connection, null);
        nodes.Start();

        Assert.Empty(await nodes.GatherAsync("", TimeSpan.FromMilliseconds(100), 10, Cancellation));
    }

    [Fact]
    public async Task Whoever_asks_does_not_choose_what_subject_is_written_to()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        await using NodeGathering nodes = await StartAsync(connection, "node");
        await using INatsSub<string> all = await connection.SubscribeCoreAsync<string>(">", cancellationToken: Cancellation);

        foreach (string replyTo in new[] { "meliproxy.tests.cmd.rules.put", $"{Subjects.LeaseNodes}.x", Subjects.LeaseNodes, "$JS.API.INFO" })
        {
            await connection.PublishAsync(Subjects.LeaseNodes, replyTo: replyTo, cancellationToken: Cancellation);
        }

        Assert.Single(await nodes.GatherAsync("", Long, 1, Cancellation));
        await connection.PublishAsync("end", "end", cancellationToken: Cancellation);
        List<string?> answers = [];
        await foreach (NatsMsg<string> message in all.Msgs.ReadAllAsync(Cancellation))
        {
            if (message.Subject == "end")
            {
                break;
            }

            answers.Add(message.Data);
        }

        Assert.Single(answers, "node");
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection connection = new(new NatsOpts { Url = server.Url });
        await using NodeGathering nodes = await StartAsync(connection, "node");
        using CancellationTokenSource cancel = new();

        Task<IReadOnlyList<byte[]>> gathering = nodes.GatherAsync("", Long, 100, cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gathering);
    }

    private static NodeGathering Gathering(NatsConnection connection, Func<ReadOnlyMemory<byte>>? describe) =>
        new(connection, Subjects, describe is null ? null : _ => describe(), TimeProvider.System, new NatsSharingLog(NullLogger.Instance));

    private static async Task<NodeGathering> StartAsync(NatsConnection connection, string description)
    {
        NodeGathering nodes = Gathering(connection, () => Encoding.UTF8.GetBytes(description));
        nodes.Start();
        if (description.Length <= NodeGathering.MaxDescriptionLength)
        {
            await Eventually.TrueAsync(() => nodes.GatherAsync("", TimeSpan.FromMilliseconds(200), 100).GetAwaiter().GetResult()
                .Any(answer => Encoding.UTF8.GetString(answer) == description));
        }

        return nodes;
    }
}
