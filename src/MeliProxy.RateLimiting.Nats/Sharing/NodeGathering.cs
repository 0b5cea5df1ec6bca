using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Asks all members of a domain what they have to tell of themselves, and answers for this one.</summary>
internal sealed class NodeGathering : IAsyncDisposable
{
    /// <summary>The longest description. Longer ones are neither sent nor taken.</summary>
    public const int MaxDescriptionLength = 65_536;

    /// <summary>The longest question, in bytes.</summary>
    public const int MaxQuestionLength = 256;

    private const int AnswerIdLength = 16;
    private const int MostWaitingQuestions = 16;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly INatsConnection _connection;
    private readonly NatsSubjects _subjects;
    private readonly Func<string, ReadOnlyMemory<byte>>? _describe;
    private readonly TimeProvider _time;
    private readonly NatsSharingLog _log;
    private readonly string _answerPrefix;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<(string ReplyTo, string Question)> _asked = Channel.CreateBounded<(string, string)>(
        new BoundedChannelOptions(MostWaitingQuestions) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private RawSubscription? _questions;
    private Task _answering = Task.CompletedTask;
    private int _disposed;

    public NodeGathering(
        INatsConnection connection, NatsSubjects subjects, Func<string, ReadOnlyMemory<byte>>? describe, TimeProvider time, NatsSharingLog log)
    {
        _connection = connection;
        _subjects = subjects;
        _describe = describe;
        _time = time;
        _log = log;
        _answerPrefix = $"{subjects.LeaseNodes}.";
    }

    /// <summary>Begins to answer, if there is something to answer. Needs no server to be there yet. To be called once.</summary>
    public void Start() => _answering = _describe is null ? Task.CompletedTask : Task.Run(() => AnswerAsync(_describe));

    /// <summary>Asks all members, which includes this process, and collects what they answer.</summary>
    /// <param name="question">What is to be told; at most <see cref="MaxQuestionLength"/> bytes.</param>
    /// <param name="within">How long to wait for answers; nobody knows whether all have answered.</param>
    /// <param name="max">How many to wait for at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What was answered, in order of arrival. Anything may be in it.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<IReadOnlyList<byte[]>> GatherAsync(
        string question, TimeSpan within, int max, CancellationToken cancellationToken = default)
    {
        List<byte[]> answers = [];
        using CancellationTokenSource timeout = new(within, _time);
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken, _stop.Token);
        Channel<byte[]> arrived = Channel.CreateBounded<byte[]>(
            new BoundedChannelOptions(Math.Max(max, 1)) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        string answerTo = _answerPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(AnswerIdLength));
        RawSubscription subscription = new(
            _connection,
            answerTo,
            (string _, string? _, bool isUndelivered, in ReadOnlySequence<byte> payload) =>
            {
                if (isUndelivered)
                {
                    arrived.Writer.TryComplete();
                }
                else if (payload.Length is > 0 and <= MaxDescriptionLength)
                {
                    arrived.Writer.TryWrite(payload.ToArray());
                }
            });
        try
        {
            await _connection.AddSubAsync(subscription, either.Token);
            await _connection.PublishAsync(
                _subjects.LeaseNodes,
                Encoding.UTF8.GetBytes(question),
                replyTo: answerTo,
                serializer: NatsRawSerializer<byte[]>.Default,
                cancellationToken: either.Token);
            while (answers.Count < max && await arrived.Reader.WaitToReadAsync(either.Token))
            {
                while (answers.Count < max && arrived.Reader.TryRead(out byte[]? answer))
                {
                    answers.Add(answer);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or NatsException or ObjectDisposedException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            // Not waited for: without a connection it would take until there is one.
            _ = subscription.DisposeAsync().AsTask();
        }

        return answers;
    }

    /// <summary>Ends to answer.</summary>
    /// <returns>A task that ends when that is done.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stop.CancelAsync();
        try
        {
            await _answering.WaitAsync(Patience, _time);
            if (_questions is { } questions)
            {
                await questions.DisposeAsync().AsTask().WaitAsync(Patience, _time);
            }
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or NatsException or ObjectDisposedException)
        {
            // The connection is on its way out too.
        }

        _stop.Dispose();
    }

    private void Asked(string subject, string? replyTo, bool isUndelivered, in ReadOnlySequence<byte> payload)
    {
        // Whoever may ask is not to make this process, with its own permissions, write to any subject.
        if (replyTo is not null
            && replyTo.StartsWith(_answerPrefix, StringComparison.Ordinal)
            && replyTo.Length == _answerPrefix.Length + (2 * AnswerIdLength)
            && !replyTo.AsSpan(_answerPrefix.Length).ContainsAnyExcept(HexDigits)
            && payload.Length <= MaxQuestionLength)
        {
            _asked.Writer.TryWrite((replyTo, Encoding.UTF8.GetString(payload)));
        }
    }

    private async Task AnswerAsync(Func<string, ReadOnlyMemory<byte>> describe)
    {
        try
        {
            await ListenAsync();
            await foreach ((string replyTo, string question) in _asked.Reader.ReadAllAsync(_stop.Token))
            {
                await AnswerAsync(replyTo, question, describe);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ListenAsync()
    {
        while (true)
        {
            try
            {
                RawSubscription questions = new(_connection, _subjects.LeaseNodes, Asked);
                await questions.BeginAsync(_stop.Token);
                _questions = questions;
                return;
            }
            catch (Exception e) when (!_stop.IsCancellationRequested && e is NatsException or OperationCanceledException)
            {
                // No server is there yet, and whoever made the connection says so.
            }

            await Task.Delay(RetryInterval, _time, _stop.Token);
        }
    }

    private async Task AnswerAsync(string replyTo, string question, Func<string, ReadOnlyMemory<byte>> describe)
    {
        try
        {
            ReadOnlyMemory<byte> description = describe(question);
            if (_connection.ConnectionState == NatsConnectionState.Open && description.Length is > 0 and <= MaxDescriptionLength)
            {
                using CancellationTokenSource timeout = new(Patience, _time);
                await _connection.PublishAsync(
                    replyTo, description, serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: timeout.Token);
            }
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            if (e is not (NatsException or OperationCanceledException))
            {
                _log.Failed(e);
            }
        }
    }
}
