using System.Globalization;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.AspNetCore.ClientAddress;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RedisProxy;
using MeliProxy.Sidecar.Commands;
using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.Forwarding;
using MeliProxy.Sidecar.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

// redis-proxy REDIS CONFIG: the sidecar's own server and forwarding, with the file's rules in Redis. A rule is for the path that is its name.
ConfigurationResult loaded = await ConfigurationInput.LoadAsync(ConfigurationInput.Create(args[1], new CommandLineValues()));
if (loaded.Configuration is not { } configuration)
{
    ConfigurationInput.PrintErrors(loaded.Errors, "nothing was started");
    return 1;
}

await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(args[0]);
Dictionary<PathString, RedisBucket> buckets = [];
foreach (RateLimitRule rule in configuration.Rules)
{
    buckets[$"/{rule.Name}"] = await RedisBucket.CreateAsync(redis, rule);
}

ILoggerFactory loggers = NullLoggerFactory.Instance;
ClientAddressResolver clients = new(configuration.ClientIp.ToOptions());
SidecarConfiguration withoutRules = configuration with { Rules = [] };
await using QuotaLimiter<HttpContext> limiter = Sidecar.CreateLimiter(withoutRules, RuleSet.Empty, clients, loggers, TimeProvider.System);
await using WebApplication app = ProxyServer.Create(withoutRules, limiter, clients, new ReverseProxySection(configuration), loggers, TimeProvider.System);
app.Use(async (context, next) =>
{
    if (buckets.TryGetValue(context.Request.Path, out RedisBucket? bucket) && await bucket.TakeAsync() is long wait and > 0)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = ((wait + 999_999) / 1_000_000).ToString(CultureInfo.InvariantCulture);
        context.Response.ContentLength = 0;
        return;
    }

    await next(context);
});
await app.StartAsync();
Console.WriteLine($"Asks Redis and listens on {BareServer.Addresses(app)[0]}");
await app.WaitForShutdownAsync();
return 0;
