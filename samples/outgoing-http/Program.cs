// A client that keeps within the quota of an API: it learns the quota from the first answers, and is not rejected again.
using System.Diagnostics;
using System.Net;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OutgoingHttp;

// The other side: 20 requests a second from each address.
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseUrls("http://127.0.0.1:0");
builder.Services.AddQuotaLimiter(options => options.Rules.Add(new RateLimitRule
{
    Name = "per-ip", Key = ["client-ip"], Limit = 20, Window = TimeSpan.FromSeconds(1),
}));
await using WebApplication server = builder.Build();
server.UseQuotaLimiter();
server.MapGet("/", () => "hello");
await server.StartAsync();
string url = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

// This side: never more than 200 a second to any host, whatever it allows. What is over that waits.
QuotaLimiterOptions<HttpRequestMessage> quota = new();
quota.KeySources.Add("host", request => request.RequestUri?.Authority);
quota.Rules.Add(new RateLimitRule
{
    Name = "per-host", Key = ["host"], Limit = 200, Window = TimeSpan.FromSeconds(1),
    Queue = new RuleQueue { Limit = 1_000, MaxWait = TimeSpan.FromSeconds(10) },
});
using QuotaLimiter<HttpRequestMessage> limiter = new(quota);
using HttpClient client = new(new QuotaHandler(limiter) { InnerHandler = new SocketsHttpHandler() });

long start = Stopwatch.GetTimestamp();
int rejectedLater = 0;
for (int round = 1; round <= 3; round++)
{
    HttpStatusCode[] statuses = await Task.WhenAll(Enumerable.Range(0, 30).Select(async _ =>
    {
        using HttpResponseMessage response = await client.GetAsync(url);
        return response.StatusCode;
    }));
    int rejected = statuses.Count(status => status == HttpStatusCode.TooManyRequests);
    rejectedLater += round > 1 ? rejected : 0;
    Console.WriteLine(
        $"{Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s  round {round}: {statuses.Length - rejected} answered, {rejected} rejected");
}

Console.WriteLine($"rejected after the first round: {rejectedLater}");
return rejectedLater == 0 ? 0 : 1;
