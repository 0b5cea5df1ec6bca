using System.Text;
using MeliProxy.Sidecar.Commands;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Demo;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using MeliProxy.Sidecar.Usage.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.Sidecar.BrowserTests.Infrastructure;

/// <summary>A sidecar inside the test's process in front of the stand-in API, which can be stopped and started again at the same address.</summary>
public sealed class ConsoleSidecar : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StandInApi _standIn;
    private readonly string _settings;
    private readonly string? _token;
    private readonly bool _hasStore;
    private Hosting.Sidecar? _sidecar;
    private int _adminPort;

    private ConsoleSidecar(StandInApi standIn, string settings, string? token, bool hasStore)
    {
        _standIn = standIn;
        _settings = settings;
        _token = token;
        _hasStore = hasStore;
    }

    /// <summary>Where the console is, without a slash at the end.</summary>
    public Uri AdminAddress { get; private set; } = null!;

    /// <summary>A client of the proxy.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>A client of the admin listener, which shows the token.</summary>
    public HttpClient Admin { get; private set; } = null!;

    /// <param name="rules">The rules, as JSON.</param>
    /// <param name="token">The admin listener's token, if it is to have one.</param>
    /// <param name="settings">More settings, as JSON members.</param>
    /// <param name="hasStore">Whether usage is stored.</param>
    public static async Task<ConsoleSidecar> StartAsync(
        string rules, string? token = null, string settings = "\"mode\": \"enforce\"", bool hasStore = true)
    {
        StandInApi standIn = await StandInApi.StartAsync(new StandInOptions(), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        ConsoleSidecar sidecar = new(standIn, $"\"rules\": {rules}, {settings}", token, hasStore);
        await sidecar.StartAsync();
        return sidecar;
    }

    /// <summary>Starts it after it was stopped.</summary>
    public async Task StartAsync()
    {
        string file = _folder.Write(
            "meliproxy.json",
            $$"""
            { "listen": "http://127.0.0.1:0",
              "admin": { "listen": "http://127.0.0.1:{{_adminPort}}", "token": {{(_token is null ? "null" : $"\"{_token}\"")}} },
              "upstream": ["{{_standIn.Address}}"],
              "clientIp": { "trustedProxies": ["127.0.0.1"] },
              {{_settings}} }
            """);
        ConfigurationResult result = await ConfigurationInput.LoadAsync(ConfigurationInput.Create(file, new CommandLineValues()));
        SidecarConfiguration configuration =
            result.Configuration ?? throw new InvalidOperationException(string.Join(Environment.NewLine, result.Errors));
        _sidecar = await Hosting.Sidecar.StartAsync(
            configuration with
            {
                State = null,
                RulesFile = null,
                Usage = configuration.Usage with
                {
                    Store = _hasStore ? new UsageStoreOptions { Path = Path.Combine(_folder.Path, "usage.db") } : null,
                },
            },
            NullLoggerFactory.Instance,
            TimeProvider.System,
            TestContext.Current.CancellationToken);
        AdminAddress = new Uri(_sidecar.AdminAddress!);
        _adminPort = AdminAddress.Port;
        Client = new HttpClient { BaseAddress = new Uri(_sidecar.Addresses[0]) };
        Admin = new HttpClient { BaseAddress = AdminAddress };
        if (_token is not null)
        {
            Admin.DefaultRequestHeaders.Authorization = new("Bearer", _token);
        }
    }

    public async Task StopAsync()
    {
        Client.Dispose();
        Admin.Dispose();
        if (_sidecar is { } sidecar)
        {
            _sidecar = null;
            await sidecar.StopAsync(CancellationToken.None);
            await sidecar.DisposeAsync();
        }
    }

    /// <summary>Sends a request through the proxy.</summary>
    /// <param name="path">What is asked for.</param>
    /// <param name="from">The address of the client.</param>
    public async Task SendAsync(string path, string from = "203.0.113.7")
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Add("X-Forwarded-For", from);
        using HttpResponseMessage response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Changes a rule as another operator would.</summary>
    public async Task PutRuleAsync(string name, string rule)
    {
        using StringContent content = new(rule, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Admin.PutAsync($"/api/v1/rules/{name}", content, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _standIn.DisposeAsync();
        _folder.Dispose();
    }
}
