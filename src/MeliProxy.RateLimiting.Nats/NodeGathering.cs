using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>Asks all members of a domain what they have to tell of themselves, and answers for this one.</summary>
internal sealed class NodeGathering(NatsConnection connection, NatsSharingOptions options)
{
    private const int MaxAnswers = 10_000;
    private const int MaxLength = 16_384;

    /// <summary>Answers those who ask, until it is cancelled.</summary>
    public async Task AnswerAsync(CancellationToken cancellationToken)
    {
        while (options.DescribeNode is { } describe && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                await foreach (NatsMsg<byte[]> question in
                    connection.SubscribeAsync<byte[]>(options.Subjects.LeaseNodes, cancellationToken: cancellationToken))
                {
                    if (question.ReplyTo is not null)
                    {
                        await question.ReplyAsync(describe(), cancellationToken: cancellationToken);
                    }
                }
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), options.TimeProvider, CancellationToken.None);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    public async Task<IReadOnlyList<byte[]>> GatherAsync(TimeSpan within, int members, CancellationToken cancellationToken)
    {
        if (connection.ConnectionState != NatsConnectionState.Open)
        {
            return [];
        }

        int most = members > 0 ? Math.Min(members, MaxAnswers) : MaxAnswers;
        List<byte[]> answers = [];
        string inbox = connection.NewInbox();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(within);
        try
        {
            await using INatsSub<byte[]> replies = await connection.SubscribeCoreAsync<byte[]>(inbox, cancellationToken: end.Token);
            await connection.PublishAsync(options.Subjects.LeaseNodes, ReadOnlyMemory<byte>.Empty, replyTo: inbox, cancellationToken: end.Token);
            while (answers.Count < most && await replies.Msgs.WaitToReadAsync(end.Token))
            {
                while (answers.Count < most && replies.Msgs.TryRead(out NatsMsg<byte[]> reply))
                {
                    if (reply.Data is { Length: > 0 and <= MaxLength } answer)
                    {
                        answers.Add(answer);
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or NatsException && !cancellationToken.IsCancellationRequested)
        {
            // Those who have not answered by now are not there.
        }

        return answers;
    }
}
