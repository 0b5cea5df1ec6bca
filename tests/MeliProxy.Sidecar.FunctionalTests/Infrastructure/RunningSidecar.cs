using System.Net;
using System.Net.Security;
using MeliProxy.RateLimiting.Usage;
using MeliProxy.Sidecar.Commands;
using MeliProxy.Sidecar.Configuration;
using Microsoft.Extensions.Logging;

namespace MeliProxy.Sidecar.FunctionalTests.Infrastructure;

/// <summary>A sidecar inside the test's process, on free loopback ports, with a configuration file of its own.</summary>
internal sealed class RunningSidecar : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly ILoggerFactory _loggers;
    private readonly Hosting.Sidecar _sidecar;

    private RunningSidecar(TemporaryFolder folder, ILoggerFactory loggers, CollectedLog log, Hosting.Sidecar sidecar)
    {
        _folder = folder;
        _loggers = loggers;
        _sidecar = sidecar;
        Log = log;
        Client = CreateClient();
    }

    public CollectedLog Log { get; }

    /// <summary>Requests that wait in queues now.</summary>
    public int QueuedCount => _sidecar.QueuedCount;

    /// <summary>What has passed through the proxy.</summary>
    public TrafficRecorder Traffic => _sidecar.Traffic!;

    public Uri Address => new(_sidecar.Addresses[0]);

    public Uri AdminAddress => new(_sidecar.AdminAddress!);

    /// <summary>A client whose base address is the proxy's.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts a sidecar in front of an upstream.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="settings">More members of the configuration, as JSON text without braces.</param>
    /// <param name="scheme">The scheme of the proxy's listener.</param>
    /// <param name="adminToken">The admin listener's token, if it is to have one.</param>
    /// <param name="time">The clock that quotas go by, if not the system's.</param>
    public static Task<RunningSidecar> StartAsync(
        TestUpstream upstream,
        string settings = "\"rules\": []",
        string scheme = "http",
        string? adminToken = null,
        TimeProvider? time = null) =>
        StartAsync($"\"upstream\": [\"{upstream.Address}\"], {settings}", scheme, adminToken, time);

    public static async Task<RunningSidecar> StartAsync(
        string settings, string scheme = "http", string? adminToken = null, TimeProvider? time = null)
    {
        TemporaryFolder folder = new();
        string file = folder.Write(
            "meliproxy.json",
            $$"""
            { "listen": "{{scheme}}://127.0.0.1:0",
              "admin": { "listen": "http://127.0.0.1:0", "token": {{(adminToken is null ? "null" : $"\"{adminToken}\"")}} },
              {{settings}} }
            """);
        SidecarConfiguration configuration = await LoadAsync(file);
        CollectedLog log = new();
        ILoggerFactory loggers = LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        Hosting.Sidecar sidecar = await Hosting.Sidecar.StartAsync(
            configuration, loggers, time ?? TimeProvider.System, TestContext.Current.CancellationToken);
        return new RunningSidecar(folder, loggers, log, sidecar);
    }

    /// <summary>Puts another configuration in force, as a change of the file would.</summary>
    public async Task ApplyAsync(TestUpstream upstream, string settings) => await _sidecar.ApplyAsync(await LoadAsync(_folder.Write(
        "meliproxy.json",
        $$"""
        { "listen": "http://127.0.0.1:0", "admin": { "listen": "http://127.0.0.1:0" }, "upstream": ["{{upstream.Address}}"], {{settings}} }
        """)));

    public HttpClient CreateClient(Version? version = null, TestCertificateAuthority? trust = null) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = trust?.CreateChainPolicy() },
    })
    {
        BaseAddress = Address,
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static async Task<SidecarConfiguration> LoadAsync(string file)
    {
        ConfigurationResult result = await ConfigurationInput.LoadAsync(ConfigurationInput.Create(file, new CommandLineValues()));
        SidecarConfiguration configuration =
            result.Configuration ?? throw new InvalidOperationException(string.Join(Environment.NewLine, result.Errors));

        // The working folder is all tests'.
        return configuration with
        {
            State = Path.IsPathRooted(configuration.State) ? configuration.State : null,
            Usage = Path.IsPathRooted(configuration.Usage.Store?.Path) ? configuration.Usage : configuration.Usage with { Store = null },
        };
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _sidecar.StopAsync(CancellationToken.None);
        await _sidecar.DisposeAsync();
        _loggers.Dispose();
        _folder.Dispose();
    }
}
