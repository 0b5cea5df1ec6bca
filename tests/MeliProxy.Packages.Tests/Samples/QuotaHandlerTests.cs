using System.Net;
using MeliProxy.RateLimiting;
using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;
using OutgoingHttp;

namespace MeliProxy.Packages.Tests.Samples;

public sealed class QuotaHandlerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<Uri> _sent = [];

    [Fact]
    public async Task A_host_that_asks_for_time_is_left_alone_and_others_are_not()
    {
        using HttpMessageInvoker client = Client(maxWait: TimeSpan.Zero);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusOfAsync(client, "http://busy.test/"));
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(client, "http://free.test/"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusOfAsync(client, "http://BUSY.test/other"));
        Assert.Equal(2, _sent.Count);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusOfAsync(client, "http://busy.test/"));
    }

    [Fact]
    public async Task A_request_waits_as_long_as_it_may_and_then_is_sent()
    {
        using HttpMessageInvoker client = Client(maxWait: TimeSpan.FromSeconds(5));
        await StatusOfAsync(client, "http://busy.test/");
        Task<HttpStatusCode> waiting = StatusOfAsync(client, "http://busy.test/");
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(waiting.IsCompleted);
        Assert.Single(_sent);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await waiting);
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public async Task An_answer_of_its_own_says_when_to_try_again_and_an_exception_too()
    {
        using HttpMessageInvoker answering = Client(maxWait: TimeSpan.FromSeconds(4));
        await StatusOfAsync(answering, "http://busy.test/");
        using HttpResponseMessage refused = await SendAsync(answering, "http://busy.test/");
        Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter!.Delta);

        using HttpMessageInvoker throwing = Client(maxWait: TimeSpan.FromSeconds(4), OverQuota.Throw);
        await StatusOfAsync(throwing, "http://busy.test/");
        QuotaExceededException exception =
            await Assert.ThrowsAsync<QuotaExceededException>(() => SendAsync(throwing, "http://busy.test/"));
        Assert.Equal(TimeSpan.FromSeconds(5), exception.RetryAfter);
        Assert.Equal(HttpStatusCode.TooManyRequests, exception.StatusCode);
    }

    [Fact]
    public async Task Its_own_rules_reject_and_a_request_that_was_held_back_uses_none_of_them_up()
    {
        using HttpMessageInvoker client = Client(maxWait: TimeSpan.Zero, limit: 2);
        await StatusOfAsync(client, "http://busy.test/");
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, await StatusOfAsync(client, "http://busy.test/"));
        }

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(client, "http://free.test/"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusOfAsync(client, "http://free.test/"));
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public void Sending_without_awaiting_is_refused()
    {
        using HttpMessageInvoker client = Client(maxWait: TimeSpan.Zero);
        using HttpRequestMessage request = new(HttpMethod.Get, "http://free.test/");
        Assert.Throws<NotSupportedException>(() => client.Send(request, CancellationToken.None));
    }

    private HttpMessageInvoker Client(TimeSpan maxWait, OverQuota overQuota = OverQuota.Answer429, int limit = 1_000)
    {
        QuotaLimiterOptions<HttpRequestMessage> options = new() { TimeProvider = _time };
        options.Rules.Add(new RateLimitRule { Name = "all", Key = ["global"], Limit = limit, Window = TimeSpan.FromHours(1) });
        return new HttpMessageInvoker(new QuotaHandler(new QuotaLimiter<HttpRequestMessage>(options))
        {
            MaxWait = maxWait, OverQuota = overQuota, TimeProvider = _time, InnerHandler = new OtherSide(_sent),
        });
    }

    private static async Task<HttpStatusCode> StatusOfAsync(HttpMessageInvoker client, string url)
    {
        using HttpResponseMessage response = await SendAsync(client, url);
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker client, string url)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, url);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Asks for five seconds where it is called busy.</summary>
    private sealed class OtherSide(List<Uri> sent) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            sent.Add(request.RequestUri!);
            bool busy = request.RequestUri!.Host == "busy.test";
            HttpResponseMessage response = new(busy ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK);
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(5));
            return Task.FromResult(response);
        }
    }
}
