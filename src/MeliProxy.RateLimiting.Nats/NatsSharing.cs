using System.Collections.Concurrent;
using MeliProxy.RateLimiting.Leasing;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>Drives a <see cref="QuotaSharing"/> over NATS: leases by NATS core, what has to be agreed on by a JetStream key-value bucket.</summary>
/// <remarks>
/// <para>
/// All of it happens on background tasks. It starts without a server and goes on without one: what then becomes of shared rules is up to their
/// <see cref="Rules.RateLimitRule.OnPartition"/>. All members may be called by any thread.
/// </para>
/// <code>
/// QuotaSharing ──reports, answers──▶ Outbox ──▶ NATS core ──▶ Inbox ──▶ QuotaSharing
///       │                                                                   ▲
///       └──reads, writes──▶ AgreementBucket ──▶ JetStream key-value ────────┘
/// </code>
/// </remarks>
public sealed partial class NatsSharing : ISharingTransport, IAsyncDisposable
{
    private static readonly TimeSpan BucketRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BucketRetryWithoutJetStream = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeaveTime = TimeSpan.FromMilliseconds(300);

    private readonly QuotaSharing _sharing;
    private readonly NatsSharingOptions _options;
    private readonly NatsConnection _connection;
    private readonly AgreementBucket _bucket;
    private readonly Outbox _outbox;
    private readonly Inbox _inbox;
    private readonly NodeGathering _gathering;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, bool> _operations = new();
    private readonly List<Task> _loops = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isDisposed;

    private NatsSharing(QuotaSharing sharing, NatsSharingOptions options)
    {
        _sharing = sharing;
        _options = options;
        _logger = options.Loggers.CreateLogger<NatsSharing>();
        _connection = new NatsConnection(ConnectionOptions.For(options.Connection));
        _bucket = new AgreementBucket(_connection, options);
        _outbox = new Outbox(_connection, options.Subjects, sharing.Node);
        _inbox = new Inbox(_connection, options.Subjects, sharing);
        _gathering = new NodeGathering(_connection, options);
    }

    /// <summary>Reports and answers that were not sent, since there was no connection or they came faster than it took them.</summary>
    public long DroppedMessages => _outbox.Dropped;

    /// <summary>Begins to share. Returns at once, whether or not there is a server.</summary>
    /// <param name="sharing">What is to be driven; given to a limiter before.</param>
    /// <param name="options">How.</param>
    /// <exception cref="InvalidOperationException">No limiter uses it yet, or it is driven already.</exception>
    public static NatsSharing Start(QuotaSharing sharing, NatsSharingOptions options)
    {
        ArgumentNullException.ThrowIfNull(sharing);
        ArgumentNullException.ThrowIfNull(options);
        NatsSharing started = new(sharing, options);
        sharing.Attach(started);
        started.Start();
        return started;
    }

    /// <summary>Asks all members what they have to tell of themselves.</summary>
    /// <param name="within">How long to wait for their answers at most; less if all members that are known have answered.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answers that came, at most 10,000, this member's among them; none without a connection.</returns>
    public Task<IReadOnlyList<byte[]>> GatherNodesAsync(TimeSpan within, CancellationToken cancellationToken = default) =>
        _gathering.GatherAsync(within, _sharing.GetStatus().Members, cancellationToken);

    /// <summary>Hands back leases, gives up shards, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        if (_connection.ConnectionState == NatsConnectionState.Open)
        {
            _sharing.Leave();
            await Task.WhenAny(
                Task.WhenAll([.. _operations.Keys, _outbox.WhenEmptyAsync()]),
                Task.Delay(LeaveTime, _options.TimeProvider));
        }

        await _stopping.CancelAsync();
        _outbox.Complete();
        _inbox.Stop();
        await _connection.DisposeAsync();
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    void ISharingTransport.SendReport(int shard, ReadOnlySpan<byte> report) => _outbox.SendReport(shard, report);

    void ISharingTransport.SendAnswer(ulong node, ReadOnlySpan<byte> answer) => _outbox.SendAnswer(node, answer);

    void ISharingTransport.Listen(int shard, bool listens) => _inbox.Listen(shard, listens);

    void ISharingTransport.Read(string key) => Operate(key, () => _bucket.ReadAsync(key, _sharing, _stopping.Token));

    void ISharingTransport.Write(string key, ReadOnlySpan<byte> value, ulong revision)
    {
        byte[] copy = value.ToArray();
        Operate(key, () => _bucket.WriteAsync(key, copy, revision, _sharing, _stopping.Token));
    }

    private void Start()
    {
        _connection.ConnectionOpened += OnChangedAsync;
        _connection.ConnectionDisconnected += OnChangedAsync;
        _loops.Add(Task.Run(ConnectAsync));
        _loops.Add(Task.Run(FollowConnectionAsync));
        _loops.Add(Task.Run(TickAsync));
        _loops.Add(Task.Run(() => _outbox.RunAsync(_stopping.Token)));
        _loops.Add(Task.Run(() => _inbox.RunAsync(_stopping.Token)));
        _loops.Add(Task.Run(() => _gathering.AnswerAsync(_stopping.Token)));
    }

    /// <summary>Runs an operation apart, as whoever asks for it must not wait.</summary>
    private void Operate(string key, Func<Task> operation)
    {
        Task task = Task.Run(async () =>
        {
            try
            {
                await operation();
            }
            catch (Exception e)
            {
                // Whatever it was, nobody knows whether the operation was done.
                if (!_stopping.IsCancellationRequested)
                {
                    LogOperationFailed(key, e.Message);
                }

                _sharing.OperationFailed(key);
            }
        });
        _operations[task] = true;
        task.ContinueWith(t => _operations.TryRemove(t, out _), TaskScheduler.Default);
    }

    private async Task TickAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            TimeSpan next = TimeSpan.FromMilliseconds(25);
            try
            {
                next = _sharing.Tick();
            }
            catch (Exception e)
            {
                LogTickFailed(e);
            }

            await Task.Delay(next, _options.TimeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
