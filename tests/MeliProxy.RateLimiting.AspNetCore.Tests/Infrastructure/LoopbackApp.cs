using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;

/// <summary>A real server on a port of its own, with a client for it and a clock that stands still.</summary>
internal sealed class LoopbackApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackApp(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public QuotaLimiter<HttpContext> Limiter => Services.GetRequiredService<QuotaLimiter<HttpContext>>();

    public FakeTimeProvider Time => (FakeTimeProvider)Services.GetRequiredService<TimeProvider>();

    public CollectedLog Log => Services.GetRequiredService<CollectedLog>();

    /// <summary>Builds an application and starts it; what its building or its start throws is thrown.</summary>
    public static async Task<LoopbackApp> StartAsync(Action<WebApplicationBuilder> build, Action<WebApplication> use)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider());
        CollectedLog log = new();
        builder.Services.AddSingleton(log);
        builder.Logging.AddProvider(log);
        build(builder);
        WebApplication app = builder.Build();
        try
        {
            use(app);
            await app.StartAsync(TestContext.Current.CancellationToken);
            return new LoopbackApp(app);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path, TestContext.Current.CancellationToken);

    /// <summary>The answers to a number of requests, one after the other.</summary>
    public async Task<HttpStatusCode[]> GetManyAsync(string path, int count)
    {
        HttpStatusCode[] codes = new HttpStatusCode[count];
        for (int i = 0; i < count; i++)
        {
            using HttpResponseMessage answer = await GetAsync(path);
            codes[i] = answer.StatusCode;
        }

        return codes;
    }

    /// <summary>What is left to the only key of a rule that counts everything together.</summary>
    public long Remaining(string rule) => Limiter.Explain(new DefaultHttpContext()).Single(e => e.Rule.Name == rule).Remaining;

    /// <summary>Ends the server once all requests have been served; the limiter can still be asked.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
