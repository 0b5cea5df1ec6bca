using System.Text.Json;
using MeliProxy.Sidecar.Demo;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.Sidecar.Tests.Demo;

/// <summary>One running stand-in for the tests of a class, and a client of it.</summary>
public sealed class StandInFixture : IAsyncLifetime
{
    private StandInApi? _api;

    public HttpClient Client { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _api = await StandInApi.StartAsync(new StandInOptions(), NullLoggerFactory.Instance, TestContext.Current.CancellationToken);
        Client.BaseAddress = _api.Address;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }
    }

    /// <summary>The JSON of an answer that must be a success.</summary>
    internal async Task<JsonElement> GetJsonAsync(string path)
    {
        string text = await Client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return JsonElement.Parse(text);
    }

    internal Task<HttpResponseMessage> SendAsync(HttpMethod method, string path) =>
        Client.SendAsync(new HttpRequestMessage(method, path), TestContext.Current.CancellationToken);
}
