using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using MeliProxy.RateLimiting.Leasing;
using NATS.Client.Core;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Connects, keeps the bucket usable, and tells <see cref="QuotaSharing"/> and the log how that stands.</summary>
internal sealed class NatsLink
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SlowRetry = TimeSpan.FromSeconds(30);

    /// <summary>What was in order for this long does not count as having failed again.</summary>
    private static readonly TimeSpan SteadyTime = TimeSpan.FromMinutes(1);

    private readonly NatsConnection _connection;
    private readonly SharingBucket _bucket;
    private readonly Inbox _inbox;
    private readonly QuotaSharing _sharing;
    private readonly NatsSubjects _subjects;
    private readonly TimeProvider _time;
    private readonly NatsSharingLog _log;
    private readonly CancellationToken _stop;
    private readonly Wake _wake;
    private readonly string _servers;
    private readonly Lock _gate = new();
    private RawSubscription? _subscription;
    private string _server;
    private LinkState _state;
    private bool _isOpen;
    private bool _isRefused;
    private bool _isBucketSuspect;
    private string _denied = "";
    private int _opened;

    public NatsLink(
        NatsConnection connection,
        SharingBucket bucket,
        Inbox inbox,
        QuotaSharing sharing,
        NatsSubjects subjects,
        TimeProvider time,
        NatsSharingLog log,
        CancellationToken stop)
    {
        _connection = connection;
        _bucket = bucket;
        _inbox = inbox;
        _sharing = sharing;
        _subjects = subjects;
        _time = time;
        _log = log;
        _stop = stop;
        _wake = new Wake(time);
        _servers = ServerText.Of(connection.Opts.Url);
        _server = _servers;
        connection.ConnectionOpened += OpenedAsync;
        connection.ConnectionDisconnected += DisconnectedAsync;
        connection.ServerError += ServerErrorAsync;
        connection.OnConnectingAsync = ConnectingAsync;
    }

    /// <summary>Told whether the bucket can be used, each time that this is found out or changes.</summary>
    public Action<bool>? Told { get; init; }

    /// <summary>Looks at the bucket again, as operations say that it is gone, or do nothing but fail.</summary>
    /// <param name="reason">What the server says; may be empty.</param>
    public void BucketFails(string reason)
    {
        lock (_gate)
        {
            if (_state == LinkState.Connected)
            {
                _isBucketSuspect = true;
                Become(LinkState.NoBucket, ReasonOr(reason));
            }
        }

        _wake.Set();
    }

    /// <summary>Works until told to stop.</summary>
    public async Task RunAsync()
    {
        await ConnectAsync();
        TimeSpan retry = FirstRetry;
        TimeSpan pause = TimeSpan.Zero;
        long preparedAt = 0;
        int lastOpened = 0;
        while (true)
        {
            TimeSpan wait = Timeout.InfiniteTimeSpan;
            if (NeedsBucket(out int opened))
            {
                // Whoever wakes it: a bucket that turns out to be of no use again and again is looked at ever more rarely.
                TimeSpan passed = _time.GetElapsedTime(preparedAt);
                if (opened == lastOpened && passed < pause)
                {
                    wait = pause - passed;
                }
                else
                {
                    (LinkState state, string reason) = await PrepareAsync();
                    Prepared(state, reason, opened);
                    retry = opened != lastOpened || passed > SteadyTime ? FirstRetry : Min(2 * retry, SlowRetry);
                    pause = Jittered(retry);
                    preparedAt = _time.GetTimestamp();
                    wait = state == LinkState.Connected ? wait : pause;
                    lastOpened = opened;
                }
            }

            await _wake.WaitAsync(wait, _stop);
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Why a connection could not be made, in words that are known to hold no credentials.</summary>
    private static string Reason(Exception failure) => failure.GetBaseException() switch
    {
        SocketException or IOException or AuthenticationException => failure.GetBaseException().Message,
        NatsServerException server => server.Error,
        TimeoutException => "no answer in time",
        NatsException => "no server answers",
        { } other => other.GetType().Name,
    };

    // Many processes lose a server at the same moment, and are not to come back at the same moment.
    private static TimeSpan Jittered(TimeSpan time) => time * (0.01 * RandomNumberGenerator.GetInt32(75, 126));

    /// <summary>Makes the first connection. The client makes all later ones, and of the first it would not tell why it fails.</summary>
    private async Task ConnectAsync()
    {
        for (TimeSpan retry = FirstRetry; ; retry = Min(2 * retry, LastRetry))
        {
            try
            {
                await _connection.ConnectAsync().AsTask().WaitAsync(_stop);
                return;
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                bool isRefused = e.GetBaseException() is NatsServerException { IsAuthError: true };
                lock (_gate)
                {
                    _isRefused = isRefused;
                    Become(isRefused ? LinkState.Refused : LinkState.Unreachable, Reason(e));
                }
            }

            await Task.Delay(Jittered(retry), _time, _stop);
        }
    }

    private bool NeedsBucket(out int opened)
    {
        lock (_gate)
        {
            opened = _opened;
            return _isOpen && _state != LinkState.Connected;
        }
    }

    private async Task<(LinkState State, string Reason)> PrepareAsync()
    {
        try
        {
            using CancellationTokenSource timeout = new(2 * BucketOperations.Patience, _time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop);
            await ListenAsync(either.Token);
            (BucketState state, string reason) = await _bucket.PrepareAsync(either.Token);
            if (state == BucketState.Usable && Volatile.Read(ref _isBucketSuspect))
            {
                reason = await _bucket.ProbeAsync(either.Token);
                state = reason.Length > 0 ? BucketState.Refused : state;
            }

            return state switch
            {
                BucketState.Usable => (LinkState.Connected, ""),
                BucketState.NoJetStream => (LinkState.NoJetStream, ""),
                _ => (LinkState.NoBucket, reason),
            };
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            if (e is not (NatsException or OperationCanceledException))
            {
                _log.Failed(e);
            }

            return (LinkState.NoBucket, "");
        }
    }

    /// <summary>Listens to what is for this process, once; the client listens again by itself after a reconnect.</summary>
    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        if (_subscription is null)
        {
            RawSubscription subscription = new(_connection, _subjects.LeaseNode(_sharing.Node, "*"), _inbox.TakeForThisNode);
            await subscription.BeginAsync(cancellationToken);

            // The client alone would let it be collected as garbage.
            _subscription = subscription;
        }
    }

    private void Prepared(LinkState state, string reason, int opened)
    {
        lock (_gate)
        {
            // What was found of one connection says nothing of the next.
            if (_isOpen && opened == _opened)
            {
                _isBucketSuspect &= state != LinkState.Connected;
                Become(state, ReasonOr(reason));
            }
        }
    }

    private string ReasonOr(string reason) => reason.Length > 0 ? reason : _denied.Length > 0 ? "not permitted" : "no answer";

    private void Become(LinkState state, string reason)
    {
        if (_state == state)
        {
            return;
        }

        _state = state;
        _sharing.SetConnected(state == LinkState.Connected);
        Told?.Invoke(state == LinkState.Connected);
        switch (state)
        {
            case LinkState.Connected:
                _log.Connected(_subjects.Domain, _server);
                break;
            case LinkState.Lost:
                _log.Lost(_server);
                break;
            case LinkState.Unreachable:
                _log.Unreachable(_servers, reason);
                break;
            case LinkState.Refused:
                _log.Refused(_servers, reason);
                break;
            case LinkState.NoJetStream:
                _log.NoJetStream(_server);
                break;
            default:
                _log.NoBucket(_subjects.Bucket, _server, reason);
                break;
        }
    }

    private ValueTask OpenedAsync(object? sender, NatsEventArgs args)
    {
        lock (_gate)
        {
            _server = ServerText.Of(args.Message);
            _opened++;
            _isOpen = true;
            _isRefused = false;
            _denied = "";
        }

        _wake.Set();
        return ValueTask.CompletedTask;
    }

    private ValueTask DisconnectedAsync(object? sender, NatsEventArgs args)
    {
        lock (_gate)
        {
            _isOpen = false;
            if (!_stop.IsCancellationRequested)
            {
                Become(LinkState.Lost, "");
            }
        }

        return ValueTask.CompletedTask;
    }

    private ValueTask ServerErrorAsync(object? sender, NatsServerErrorEventArgs args)
    {
        lock (_gate)
        {
            if (args.Kind == NatsServerErrorKind.PermissionsViolation)
            {
                _denied = args.Error;
                _log.NotPermitted(_server, args.Error);
            }
            else if (!_isOpen && args.Kind is NatsServerErrorKind.AuthorizationViolation
                or NatsServerErrorKind.AuthenticationExpired
                or NatsServerErrorKind.AuthenticationRevoked
                or NatsServerErrorKind.AccountAuthenticationExpired)
            {
                _isRefused = true;

                // In small letters, as the client has it where the first connection fails.
                Become(LinkState.Refused, args.Error.ToLowerInvariant());
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Waits before a connection is tried again with credentials that were refused.</summary>
    private async ValueTask<(string Host, int Port)> ConnectingAsync((string Host, int Port) target)
    {
        if (Volatile.Read(ref _isRefused))
        {
            await Task.Delay(Jittered(SlowRetry), _time, _stop);
        }

        return target;
    }
}
