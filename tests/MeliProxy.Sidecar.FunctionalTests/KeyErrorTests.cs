using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.Sidecar.Commands;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.FunctionalTests;

public sealed class KeyErrorTests
{
    [Fact]
    public async Task A_rule_that_cannot_judge_a_request_is_logged_once_a_minute()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("meliproxy.json", """{ "rules": [ { "name": "a", "key": ["header:X"], "limit": 1, "window": "1s" } ] }""");
        ConfigurationResult loaded = await ConfigurationInput.LoadAsync(ConfigurationInput.Create(file, new CommandLineValues()));
        FakeTimeProvider time = new();
        using CollectedLog log = new();
        using ILoggerFactory loggers = LoggerFactory.Create(builder => builder.AddProvider(log));
        using QuotaLimiter<HttpContext> limiter = Hosting.Sidecar.CreateLimiter(
            loaded.Configuration!, loaded.Configuration!.RuleSet, new ClientAddressResolver(new ClientIpOptions()), loggers, time);

        // No server sends a request without headers to read; this one has none of what a server tells.
        DefaultHttpContext request = new(new FeatureCollection());
        Assert.True(limiter.Decide(request).IsAllowed);
        Assert.True(limiter.Decide(request).IsAllowed);
        Assert.Equal(
            "Error: The key or match of the rule a cannot be computed, so onError: Open decides. It happened 1 times since last told.",
            Assert.Single(log.Lines));

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(limiter.Decide(request).IsAllowed);
        Assert.EndsWith("It happened 2 times since last told.", log.Lines.Last(), StringComparison.Ordinal);
    }
}
