using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Nats.Control;
using MeliProxy.RateLimiting.Nats.Sharing;
using Microsoft.Extensions.Logging;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats;

/// <summary>Lets a limiter share quotas with the others of its domain over NATS.</summary>
/// <remarks>
/// Connects in the background and again whenever the connection is lost, for as long as it takes. Decisions never wait for it: without a
/// connection, shared rules follow <see cref="Rules.RateLimitRule.OnPartition"/>. The server has to have JetStream, whose key-value bucket
/// <see cref="NatsSubjects.Bucket"/> is made if there is none. All members may be called by any thread.
/// </remarks>
public sealed class NatsSharing : IAsyncDisposable
{
    private const int MostNodes = 10_000;
    private static readonly TimeSpan FirstTick = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan CommandRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    private readonly QuotaSharing _sharing;
    private readonly TimeProvider _time;
    private readonly NatsSharingLog _log;
    private readonly NatsConnection _connection;
    private readonly CancellationTokenSource _stopTicking = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Inbox _inbox = new();
    private readonly Outbox _outbox;
    private readonly ShardSubscriptions _subscriptions;
    private readonly BucketOperations _operations;
    private readonly NatsTransport _transport;
    private readonly NatsLink _link;
    private readonly NodeGathering _nodes;
    private readonly NatsRuleStore? _rules;
    private readonly CommandService? _commands;
    private readonly NatsCommandLog _commandLog;
    private Task _ticking = Task.CompletedTask;
    private Task _sending = Task.CompletedTask;
    private Task _operating = Task.CompletedTask;
    private Task _working = Task.CompletedTask;
    private int _disposed;

    private NatsSharing(QuotaSharing sharing, NatsSharingOptions options)
    {
        _sharing = sharing;
        _time = options.TimeProvider;
        _log = new NatsSharingLog(options.Loggers.CreateLogger<NatsSharing>());
        _connection = ConnectionOf(ForSharing(options.Connection, options.Subjects, sharing.Node));
        SharingBucket bucket = new(_connection, options.Subjects, options.Replicas);
        _outbox = new Outbox(_connection, _time);
        _subscriptions = new ShardSubscriptions(_connection, options.Subjects, _inbox, _time);
        _operations = new BucketOperations(bucket, sharing, _connection, _time, _log);
        _transport = new NatsTransport(options.Subjects, sharing.Node, _outbox, _subscriptions, _operations, _log);
        _rules = options.Rules;
        _rules?.Attach(
            _connection, bucket, options.Subjects, () => sharing.GetStatus().Members, _time, options.Loggers.CreateLogger<NatsRuleStore>());
        _commandLog = new NatsCommandLog(options.Loggers.CreateLogger<NatsSharing>());
        _commands = options.Commands is { } commands
            ? new CommandService(_connection, options.Subjects, commands, _commandLog, _stop.Token)
            : null;
        _link = new NatsLink(_connection, bucket, _inbox, sharing, options.Subjects, _time, _log, _stop.Token)
        {
            Told = _rules is null ? null : _rules.SetConnected,
        };
        _operations.Gone = () => _link.BucketFails("it is gone");
        _operations.Failing = _link.BucketFails;
        _nodes = new NodeGathering(_connection, options.Subjects, options.DescribeNode, _time, _log);
    }

    /// <summary>Messages that were not sent or not taken, as they were too old, too long or too many.</summary>
    public long DroppedMessages => _outbox.Dropped + _inbox.Dropped;

    /// <summary>Begins to share. Returns at once, whether or not there is a server.</summary>
    /// <param name="sharing">What is to be driven; given to a limiter before.</param>
    /// <param name="options">How.</param>
    /// <returns>What shares until it is disposed of.</returns>
    /// <exception cref="InvalidOperationException">No limiter uses it yet, or it is driven already.</exception>
    /// <exception cref="ArgumentException">The options have no readable <see cref="NatsOpts.Url"/>.</exception>
    public static NatsSharing Start(QuotaSharing sharing, NatsSharingOptions options)
    {
        ArgumentNullException.ThrowIfNull(sharing);
        ArgumentNullException.ThrowIfNull(options);
        NatsSharing started = new(sharing, options);
        sharing.Attach(started._transport);
        started.Start();
        return started;
    }

    /// <summary>Asks all members what they have to tell of themselves.</summary>
    /// <param name="within">How long to wait for their answers at most; less if all members that are known have answered.</param>
    /// <param name="question">What is asked, in a text that the members agree on; at most 256 bytes. Default: an empty one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The answers that came, at most 10,000, this member's among them; none without a connection. Anything may be in them.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<IReadOnlyList<byte[]>> GatherNodesAsync(
        TimeSpan within, string question = "", CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        int members = _sharing.GetStatus().Members;
        return _nodes.GatherAsync(question, within, members > 0 ? Math.Min(members, MostNodes) : MostNodes, cancellationToken);
    }

    /// <summary>Hands back what is held and owned, if there is a connection and for a second at most, and closes the connection.</summary>
    /// <returns>A task that ends when that is done.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopTicking.CancelAsync();
        await _ticking;
        await _nodes.DisposeAsync();
        if (_commands is not null)
        {
            await EndAsync(_commands.DisposeAsync().AsTask(), LeavePatience);
        }

        _sharing.Leave();
        _outbox.Complete();
        _operations.Complete();
        await EndAsync(LeaveAsync(), LeavePatience);
        await _stop.CancelAsync();
        await EndAsync(_connection.DisposeAsync().AsTask(), ClosePatience);
        await EndAsync(_working, ClosePatience);
        _sharing.SetConnected(false);
        _outbox.Dispose();
        _stopTicking.Dispose();
        _stop.Dispose();
    }

    /// <summary>The options, with what sharing relies on.</summary>
    private static NatsOpts ForSharing(NatsOpts options, NatsSubjects subjects, ulong node) => options with
    {
        Name = options.Name == NatsOpts.Default.Name ? $"meliproxy {subjects.Domain} {node:x16}" : options.Name,

        // A process may own what it uses, and then reports to itself.
        Echo = true,
        Headers = true,

        // A server that hangs is noticed within three seconds, before the life of a lease is over.
        PingInterval = TimeSpan.FromSeconds(1),
        MaxPingOut = 2,
        ReconnectWaitMin = TimeSpan.FromMilliseconds(100),
        ReconnectWaitMax = TimeSpan.FromSeconds(5),
        ReconnectJitter = TimeSpan.FromSeconds(1),
        MaxReconnectRetry = -1,
        IgnoreAuthErrorAbort = true,
        RetryOnInitialConnect = false,
    };

    private static NatsConnection ConnectionOf(NatsOpts options)
    {
        try
        {
            return new NatsConnection(options);
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            // What it says shows the URL, which may have credentials in it.
            throw new ArgumentException(
                "The URL has to be one or more of nats://host:port, tls://, ws:// or wss://, with commas between.", nameof(options));
        }
    }

    private void Start()
    {
        _ticking = Task.Run(TickAsync);
        _sending = Task.Run(() => _outbox.SendAllAsync(_log));
        _operating = _operations.RunAsync();
        _working = Task.WhenAll(
            Task.Run(_link.RunAsync),
            Task.Run(() => _inbox.DeliverAsync(_sharing, _log, _stop.Token)),
            Task.Run(() => _subscriptions.FollowAsync(_log, _stop.Token)),
            _rules is null ? Task.CompletedTask : Task.Run(() => _rules.FollowAsync(_stop.Token)),
            _commands is null ? Task.CompletedTask : Task.Run(() => AnswerCommandsAsync(_commands)));
        _nodes.Start();
    }

    /// <summary>Begins to answer commands once there is a connection.</summary>
    private async Task AnswerCommandsAsync(CommandService commands)
    {
        bool isTold = false;
        while (true)
        {
            try
            {
                await Task.Delay(CommandRetry, _time, _stop.Token);
                if (_connection.ConnectionState == NatsConnectionState.Open)
                {
                    using CancellationTokenSource timeout = new(ClosePatience, _time);
                    using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
                    await commands.StartAsync(either.Token);
                    return;
                }
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                if (!isTold)
                {
                    _commandLog.NotStarted(e.GetBaseException().Message);
                    isTold = true;
                }
            }
        }
    }

    private async Task TickAsync()
    {
        using PeriodicTimer timer = new(FirstTick, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopTicking.Token))
            {
                TimeSpan next = Tick();
                if (next != timer.Period)
                {
                    timer.Period = next;
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private TimeSpan Tick()
    {
        try
        {
            return _sharing.Tick();
        }
        catch (Exception e)
        {
            _log.Failed(e);
            return FirstTick;
        }
    }

    /// <summary>Waits until the server has what is sent.</summary>
    private async Task LeaveAsync()
    {
        await Task.WhenAll(_sending, _operating);
        if (_connection.ConnectionState == NatsConnectionState.Open)
        {
            await _connection.PingAsync(_stop.Token);
        }
    }

    private async Task EndAsync(Task task, TimeSpan patience)
    {
        try
        {
            await task.WaitAsync(patience, _time);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException or NatsException or ObjectDisposedException)
        {
            // Leaving is a favour to the others, who would find out by themselves.
        }
        catch (Exception e)
        {
            _log.Failed(e);
        }
    }
}
