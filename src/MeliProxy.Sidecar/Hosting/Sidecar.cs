using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Control;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Nats;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Admin;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Control;
using MeliProxy.Sidecar.Forwarding;
using MeliProxy.Sidecar.Forwarding.Direct;
using MeliProxy.Sidecar.Hosting.Rules;
using MeliProxy.Sidecar.Hosting.State;
using MeliProxy.Sidecar.Telemetry;
using MeliProxy.Sidecar.Usage;
using MeliProxy.Sidecar.Usage.Store;
using Yarp.ReverseProxy;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>A running sidecar: proxy listener, admin listener and what they share.</summary>
/// <remarks>
/// <code>
/// client ─▶ ProxyServer ─▶ QuotaLimiter ─▶ direct or YARP ─▶ upstream
///                               ▲            ▲
/// operator ─▶ commands ─▶ SidecarRules       │
///                               ▲            │
/// meliproxy.json ─▶ Apply ──────┴────────────┘
/// </code>
/// </remarks>
internal sealed partial class Sidecar : IAsyncDisposable
{
    private static readonly TimeSpan NodesPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>What is stored takes longer to read than what is in memory.</summary>
    private static readonly TimeSpan HistoryPatience = UsageReader.Patience + NodesPatience;

    /// <summary>How long a start waits for the domain's rules; the rules of the configuration or those known last are better than no proxy.</summary>
    private static readonly TimeSpan RulesPatience = TimeSpan.FromSeconds(3);

    private static readonly CommandOrigin ByNats = new("nats");

    private readonly ILogger<Sidecar> _logger;
    private readonly SidecarStatus _status = new();
    private readonly ClientAddressResolver _clients;
    private readonly QuotaLimiter<HttpContext> _limiter;
    private readonly QuotaSharing? _sharing;
    private readonly StateKeeper? _state;
    private readonly SidecarRules _rules;
    private readonly NodeReports _reports;
    private readonly SidecarCommands _commands;
    private readonly ReverseProxySection _reverseProxy;
    private readonly IReadOnlyList<IUsageSink> _sinks;
    private readonly TimeProvider _time;
    private readonly WebApplication _proxy;
    private readonly WebApplication? _admin;
    private readonly SidecarConfiguration _started;
    private SidecarConfiguration _configuration;
    private NatsSharing? _nats;
    private SidecarTelemetry? _telemetry;
    private UsageReporter? _usage;

    private Sidecar(SidecarConfiguration configuration, ILoggerFactory loggers, TimeProvider time)
    {
        _started = configuration;
        _configuration = configuration;
        _logger = loggers.CreateLogger<Sidecar>();
        _clients = new ClientAddressResolver(configuration.ClientIp.ToOptions());
        _sharing = configuration.Sharing.Nats.Any ? new QuotaSharing() : null;
        _state = configuration.State is { } file ? StateKeeper.TryOpen(file, time, loggers) : null;
        _limiter = CreateLimiter(configuration, RuleSet.Empty, _clients, loggers, time, _sharing, _state?.Secret);
        _rules = new SidecarRules(configuration, time, loggers);
        _rules.Follow(_limiter, time);
        _state?.Keep(_limiter);
        _time = time;
        Traffic = configuration.Usage.Record ? new TrafficRecorder() : null;
        _sinks = UsageSinks.Create(configuration, loggers, time);
        _reports = new NodeReports(_limiter, _sharing, _rules, Traffic, time) { Store = _sinks.OfType<UsageStore>().FirstOrDefault() };
        _commands = new SidecarCommands(_rules.Control, _reports, _sharing is null ? null : configuration.Sharing.Domain, GatherAsync, time);
        _reverseProxy = new ReverseProxySection(configuration);
        _proxy = ProxyServer.Create(configuration, _limiter, _clients, _reverseProxy, loggers, time, Traffic);
        _admin = configuration.Admin.Listen is { } listen
            ? AdminServer.Create(
                listen,
                configuration.Admin,
                new AdminServices(_commands, _limiter, _status, _proxy.Services.GetRequiredService<IProxyStateLookup>()),
                loggers)
            : null;
    }

    /// <summary>Where clients reach the proxy.</summary>
    public IReadOnlyList<string> Addresses => BareServer.Addresses(_proxy);

    /// <summary>Where operators reach the admin listener, if it is on.</summary>
    public string? AdminAddress => _admin is null ? null : BareServer.Addresses(_admin)[0];

    /// <summary>What has passed through the proxy; <see langword="null"/> if nothing is recorded.</summary>
    public TrafficRecorder? Traffic { get; }

    /// <summary>What it is called, once it listens.</summary>
    private string NodeName => _started.Sharing.Node ?? $"{Environment.MachineName}:{new Uri(Addresses[0]).Port}";

    /// <summary>Requests that wait in queues now.</summary>
    public int QueuedCount => _limiter.QueuedCount;

    /// <summary>Starts both listeners.</summary>
    /// <param name="configuration">What it is to do.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="time">The clock that quotas go by.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ListenException">One cannot listen; nothing is left running.</exception>
    public static async Task<Sidecar> StartAsync(
        SidecarConfiguration configuration, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        Sidecar sidecar = new(configuration, loggers, time);
        try
        {
            // The rules of the domain come first: no request is to be decided by others.
            await sidecar.ShareAsync(loggers, time, cancellationToken);
            await sidecar._rules.ConfigureAsync(configuration, isStart: true);
            await ListenException.ThrowIfCannotListenAsync(
                "--listen", configuration.Listen, () => sidecar._proxy.StartAsync(cancellationToken));
            sidecar._telemetry = SidecarTelemetry.TryStart(configuration, sidecar.NodeName, sidecar.CreateFigures(), loggers, time);
            if (sidecar._admin is { } admin)
            {
                sidecar._telemetry?.MapMetrics(admin);
                await ListenException.ThrowIfCannotListenAsync(
                    "--admin", [configuration.Admin.Listen!], () => admin.StartAsync(cancellationToken));
            }
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }

        // Others that ask for a description are told where it listens, so not before.
        sidecar._reports.Name = sidecar.NodeName;
        sidecar.RecordUsage(sidecar._reports.Name);
        sidecar._status.IsReady = true;
        return sidecar;
    }

    /// <summary>The limiter of a configuration, also for those who only want to ask it.</summary>
    public static QuotaLimiter<HttpContext> CreateLimiter(
        SidecarConfiguration configuration,
        RuleSet rules,
        ClientAddressResolver clients,
        ILoggerFactory loggers,
        TimeProvider time,
        QuotaSharing? sharing = null,
        ReadOnlyMemory<byte>? hashSecret = null)
    {
        QuotaLimiterOptions<HttpContext> options =
            HttpQuota.CreateOptions(clients, loggers.CreateLogger("MeliProxy.RateLimiting"), time);
        options.MaxKeys = configuration.Limits.MaxKeys;
        options.KeyCap = configuration.Limits.WhenFull;
        options.MaxQueued = configuration.Limits.MaxQueued;
        options.TopKeys = configuration.Usage.Record ? options.TopKeys : 0;
        options.Sharing = sharing;
        options.HashSecret = hashSecret;
        QuotaLimiter<HttpContext> limiter = new(options);
        limiter.Update(rules);
        return limiter;
    }

    /// <summary>Puts a changed configuration in force, as far as that can be done while running. It has been checked before.</summary>
    public async Task ApplyAsync(SidecarConfiguration configuration)
    {
        await _rules.ConfigureAsync(configuration, isStart: false);
        _clients.Update(configuration.ClientIp.ToOptions());
        if (!configuration.ForwardsLike(_configuration))
        {
            _reverseProxy.Update(configuration);
        }

        foreach (string setting in configuration.SettingsThatNeedRestart(_started))
        {
            LogNeedsRestart(setting);
        }

        _configuration = configuration;
        LogApplied(SidecarConfiguration.Describe(_limiter.Rules));
    }

    /// <summary>Stops taking requests, and waits for those under way as long as the token allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _status.IsReady = false;
        LogStopping();
        await _proxy.StopAsync(cancellationToken);
        await StopRecordingAsync();
        if (_nats is not null)
        {
            // What is held goes back once nothing is spent any more.
            await _nats.DisposeAsync();
        }

        if (_admin is not null)
        {
            await _admin.StopAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await StopRecordingAsync();
        if (_admin is not null)
        {
            await _admin.DisposeAsync();
        }

        // What there is to tell is told once more, while those it is about are still there.
        _telemetry?.Dispose();
        if (_nats is not null)
        {
            await _nats.DisposeAsync();
        }

        _rules.Dispose();
        _state?.Dispose();
        await _limiter.DisposeAsync();
    }

    private SidecarFigures CreateFigures() => new()
    {
        RulesRevision = () => _rules.Control.Document.Revision,
        Traffic = Traffic is { } traffic ? traffic.GetTotals : () => [],
        Forwarding = _proxy.Services.GetRequiredService<ForwardingCounts>(),
        Connections = _proxy.Services.GetRequiredService<UpstreamPools>().Count,
        InFlight = Traffic is { } recorder ? () => recorder.InFlight : null,
        Sinks = () => _usage?.GetSinkStatus() ?? [],
    };

    /// <summary>Begins to share, and waits for the domain's rules for a while.</summary>
    private async Task ShareAsync(ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        if (_sharing is null || _rules.Nats is not { } store)
        {
            return;
        }

        _nats = NatsSharing.Start(_sharing, new NatsSharingOptions
        {
            Connection = NatsLogin.ToOptions(_started.Sharing),
            Subjects = new NatsSubjects(_started.Sharing.Domain),
            DescribeNode = _reports.Answer,
            Rules = store,
            Commands = new NatsCommandOptions
            {
                Names = SidecarCommands.Names,
                Run = async (command, body, token) => (await _commands.RunAsync(command, body, ByNats, token)).ToJson(),
                Version = NodeReports.Version,
            },
            Replicas = _started.Sharing.Replicas,
            Loggers = loggers,
            TimeProvider = time,
        });
        _reports.Nats = _nats;
        if (!await store.WhenKnownAsync(RulesPatience, cancellationToken))
        {
            RuleDocument known = _rules.Control.Document;
            LogRulesUnknown(
                _started.Sharing.Domain, known.IsFromConfiguration ? "the configuration's" : "those known last", known.Revision);
        }
    }

    /// <summary>Begins to report usage, if there is anyone to report it to. The first snapshot has what came before.</summary>
    private void RecordUsage(string node)
    {
        IReadOnlyList<IUsageSink> sinks = _telemetry is { } telemetry && Traffic is not null ? [.. _sinks, telemetry.Sink] : _sinks;
        if (sinks.Count == 0)
        {
            return;
        }

        _usage = UsageReporter.Start(_limiter, new UsageReporterOptions
        {
            Node = node,
            Sinks = sinks,
            Traffic = Traffic,
            Complete = state => state with { RulesRevision = _rules.Control.Document.Revision },
            OnError = (sink, exception) => LogUsageFailed(exception, sink),
            TimeProvider = _time,
        });
        _reports.Reporter = _usage;
    }

    /// <summary>Hands over a last snapshot once nothing is recorded any more. Safe to call again.</summary>
    private async Task StopRecordingAsync()
    {
        if (_usage is not null)
        {
            await _usage.DisposeAsync();
        }

        foreach (IUsageSink sink in _sinks)
        {
            switch (sink)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
    }

    /// <summary>Asks all sidecars of the domain; where none can be asked, this one.</summary>
    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> GatherAsync(string question, CancellationToken cancellationToken)
    {
        if (NodeReports.IsAboutTime(question))
        {
            return await GatherHistoryAsync(question, cancellationToken);
        }

        IReadOnlyList<byte[]> nodes = _nats is null ? [] : await _nats.GatherNodesAsync(NodesPatience, question, cancellationToken);

        // Right after a connection is made, this one may not hear the question yet.
        return nodes.Any(_reports.IsOwn)
            ? [.. nodes.Select(node => new ReadOnlyMemory<byte>(node))]
            : [_reports.Answer(question), .. nodes.Select(node => new ReadOnlyMemory<byte>(node))];
    }

    /// <summary>Asks all sidecars of the domain; this one without the limits of a message.</summary>
    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> GatherHistoryAsync(string question, CancellationToken cancellationToken)
    {
        Task<ReadOnlyMemory<byte>> own = _reports.AnswerInFullAsync(question, cancellationToken);
        IReadOnlyList<byte[]> nodes = _nats is null ? [] : await _nats.GatherNodesAsync(HistoryPatience, question, cancellationToken);
        return [await own, .. nodes.Where(node => !_reports.IsOwn(node)).Select(node => new ReadOnlyMemory<byte>(node))];
    }

    /// <summary>Says in one line what listens where, what it forwards to and how many rules there are.</summary>
    public void LogStarted(ILogger logger)
    {
        string admin = AdminAddress is { } address ? $"admin on {address}" : "admin off";
        LogStarted(
            logger, NodeReports.Version, string.Join(", ", Addresses), admin, _configuration.DescribeUpstream(), SidecarConfiguration.Describe(_limiter.Rules));
    }

    [LoggerMessage(1, LogLevel.Information, "MeliProxy {Version} listens on {Addresses} ({Admin}), forwards to {Upstream}, {Rules}")]
    private static partial void LogStarted(ILogger logger, string version, string addresses, string admin, string upstream, string rules);

    [LoggerMessage(2, LogLevel.Information, "Configuration changed and in force, {Rules}; counts are kept")]
    private partial void LogApplied(string rules);

    [LoggerMessage(3, LogLevel.Warning, "The change of {Setting} takes effect after a restart")]
    private partial void LogNeedsRestart(string setting);

    [LoggerMessage(6, LogLevel.Warning,
        "The rules of the domain {Domain} cannot be had from NATS now; until they can, {Which} are in force, revision {Revision}")]
    private partial void LogRulesUnknown(string domain, string which, long revision);

    [LoggerMessage(7, LogLevel.Error, "Usage could not be handed to {Sink}; told again only after it has worked meanwhile")]
    private partial void LogUsageFailed(Exception exception, string sink);

    [LoggerMessage(4, LogLevel.Information, "Stopping: no new requests are taken, those under way are finished")]
    private partial void LogStopping();
}
