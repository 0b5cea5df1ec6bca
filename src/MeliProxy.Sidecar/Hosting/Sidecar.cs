using System.Reflection;
using System.Text;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Leasing;
using MeliProxy.RateLimiting.Nats;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.Sidecar.Admin;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Forwarding;
using MeliProxy.Sidecar.Hosting.State;

namespace MeliProxy.Sidecar.Hosting;

/// <summary>A running sidecar: proxy listener, admin listener and what they share.</summary>
/// <remarks>
/// <code>
/// client ─▶ ProxyServer ─▶ QuotaLimiter ─▶ YARP ─▶ upstream
///                               ▲            ▲
/// operator ─▶ AdminServer ──────┤            │
/// meliproxy.json ─▶ Apply ──────┴────────────┘
/// </code>
/// </remarks>
internal sealed partial class Sidecar : IAsyncDisposable
{
    private static readonly TimeSpan NodesPatience = TimeSpan.FromMilliseconds(500);

    private readonly ILogger<Sidecar> _logger;
    private readonly SidecarStatus _status = new();
    private readonly ClientAddressResolver _clients;
    private readonly QuotaLimiter<HttpContext> _limiter;
    private readonly QuotaSharing? _sharing;
    private readonly StateKeeper? _state;
    private readonly ReverseProxySection _reverseProxy;
    private readonly WebApplication _proxy;
    private readonly WebApplication? _admin;
    private readonly SidecarConfiguration _started;
    private SidecarConfiguration _configuration;
    private NatsSharing? _nats;

    private Sidecar(SidecarConfiguration configuration, ILoggerFactory loggers, TimeProvider time)
    {
        _started = configuration;
        _configuration = configuration;
        _logger = loggers.CreateLogger<Sidecar>();
        _clients = new ClientAddressResolver(configuration.ClientIp.ToOptions());
        _sharing = configuration.Sharing.Nats.Any ? new QuotaSharing() : null;
        _state = configuration.State is { } file ? StateKeeper.TryOpen(file, time, loggers) : null;
        _limiter = CreateLimiter(configuration, _clients, loggers, time, _sharing, _state?.Secret);
        _state?.Keep(_limiter);
        _reverseProxy = new ReverseProxySection(configuration);
        _proxy = ProxyServer.Create(configuration, _limiter, _clients, _reverseProxy, loggers);
        _admin = configuration.Admin.Listen is { } listen
            ? AdminServer.Create(
                listen,
                configuration.Admin.Token,
                _limiter,
                _status,
                _sharing is null ? null : configuration.Sharing.Domain,
                GatherNodesAsync,
                loggers)
            : null;
    }

    /// <summary>Where clients reach the proxy.</summary>
    public IReadOnlyList<string> Addresses => BareServer.Addresses(_proxy);

    /// <summary>Where operators reach the admin listener, if it is on.</summary>
    public string? AdminAddress => _admin is null ? null : BareServer.Addresses(_admin)[0];

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
            await ListenException.ThrowIfCannotListenAsync(
                "--listen", configuration.Listen, () => sidecar._proxy.StartAsync(cancellationToken));
            if (sidecar._admin is { } admin)
            {
                await ListenException.ThrowIfCannotListenAsync(
                    "--admin", [configuration.Admin.Listen!], () => admin.StartAsync(cancellationToken));
            }
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }

        // Others may ask for a description as soon as it shares, in which is where it listens.
        sidecar.Share(loggers, time);
        sidecar._status.IsReady = true;
        return sidecar;
    }

    /// <summary>The limiter of a configuration, also for those who only want to ask it.</summary>
    public static QuotaLimiter<HttpContext> CreateLimiter(
        SidecarConfiguration configuration,
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
        options.Sharing = sharing;
        options.HashSecret = hashSecret;
        QuotaLimiter<HttpContext> limiter = new(options);
        limiter.Update(RulesOf(configuration));
        return limiter;
    }

    /// <summary>Puts a changed configuration in force, as far as that can be done while running. It has been checked before.</summary>
    public void Apply(SidecarConfiguration configuration)
    {
        _limiter.Update(RulesOf(configuration));
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
        LogApplied(configuration.DescribeRules());
    }

    /// <summary>Stops taking requests, and waits for those under way as long as the token allows.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _status.IsReady = false;
        LogStopping();
        await _proxy.StopAsync(cancellationToken);
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
        if (_admin is not null)
        {
            await _admin.DisposeAsync();
        }

        if (_nats is not null)
        {
            await _nats.DisposeAsync();
        }

        _state?.Dispose();
        await _limiter.DisposeAsync();
    }

    /// <summary>Begins to share, whether or not there is a NATS server by now.</summary>
    private void Share(ILoggerFactory loggers, TimeProvider time)
    {
        if (_sharing is not null)
        {
            _nats = NatsSharing.Start(_sharing, new NatsSharingOptions
            {
                Connection = NatsLogin.ToOptions(_started.Sharing),
                Subjects = new NatsSubjects(_started.Sharing.Domain),
                DescribeNode = DescribeNode,
                Replicas = _started.Sharing.Replicas,
                Loggers = loggers,
                TimeProvider = time,
            });
        }
    }

    private string NodeName => _started.Sharing.Node ?? $"{Environment.MachineName}:{new Uri(Addresses[0]).Port}";

    private ReadOnlyMemory<byte> DescribeNode() => NodeDescription.Write(NodeName, Version, _sharing?.GetStatus());

    /// <summary>Asks all sidecars of the domain what they tell of themselves; where none can be asked, this one.</summary>
    private async Task<IReadOnlyList<byte[]>> GatherNodesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<byte[]> nodes = _nats is null ? [] : await _nats.GatherNodesAsync(NodesPatience, cancellationToken);
        byte[] own = DescribeNode().ToArray();

        // Right after a connection is made, this one may not hear the question yet.
        return _sharing is { Node: var id } && nodes.Any(node => node.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"{id:x16}")) >= 0)
            ? nodes
            : [own, .. nodes];
    }

    private static RuleSet RulesOf(SidecarConfiguration configuration) =>
        new(configuration.Rules, configuration.Overrides, configuration.Mode);

    private static string Version =>
        typeof(Sidecar).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    /// <summary>Says in one line what listens where, what it forwards to and how many rules there are.</summary>
    public void LogStarted(ILogger logger)
    {
        string admin = AdminAddress is { } address ? $"admin on {address}" : "admin off";
        LogStarted(logger, Version, string.Join(", ", Addresses), admin, _configuration.DescribeUpstream(), _configuration.DescribeRules());
    }

    [LoggerMessage(1, LogLevel.Information, "MeliProxy {Version} listens on {Addresses} ({Admin}), forwards to {Upstream}, {Rules}")]
    private static partial void LogStarted(ILogger logger, string version, string addresses, string admin, string upstream, string rules);

    [LoggerMessage(2, LogLevel.Information, "Configuration changed and in force, {Rules}; counts are kept")]
    private partial void LogApplied(string rules);

    [LoggerMessage(3, LogLevel.Warning, "The change of {Setting} takes effect after a restart")]
    private partial void LogNeedsRestart(string setting);

    [LoggerMessage(4, LogLevel.Information, "Stopping: no new requests are taken, those under way are finished")]
    private partial void LogStopping();
}
