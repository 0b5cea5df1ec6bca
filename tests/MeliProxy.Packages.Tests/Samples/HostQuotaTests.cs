using System.Net;
using Microsoft.Extensions.Time.Testing;
using OutgoingHttp;

namespace MeliProxy.Packages.Tests.Samples;

public sealed class HostQuotaTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly HostQuota _host;

    public HostQuotaTests() => _host = new HostQuota(_time);

    [Fact]
    public void Nothing_is_held_back_before_the_first_answer()
    {
        for (int i = 0; i < 1_000; i++)
        {
            Enter();
        }
    }

    [Fact]
    public void Requests_wait_for_the_reset_once_nothing_is_left()
    {
        Answer(Enter(), "\"x\";r=1;t=5");
        Answer(Enter(), "\"x\";r=0;t=4");
        Assert.Equal(TimeSpan.FromSeconds(4), _host.TryEnter(out _));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(TimeSpan.FromSeconds(1), _host.TryEnter(out _));
        _time.Advance(TimeSpan.FromSeconds(1));
        Enter();
    }

    [Fact]
    public void Requests_that_an_answer_may_not_have_counted_are_taken_off()
    {
        long first = Enter();
        Enter();
        Enter();
        Answer(first, "\"x\";r=4;t=9");

        // Four are left, of which two are on their way.
        Enter();
        Enter();
        Assert.Equal(TimeSpan.FromSeconds(9), _host.TryEnter(out _));
    }

    [Fact]
    public void An_answer_that_was_overtaken_promises_nothing_that_is_used_up()
    {
        long slow = Enter();
        long fast = Enter();
        Answer(fast, "\"x\";r=1;t=9");
        Answer(slow, "\"x\";r=2;t=9");
        Enter();
        Assert.NotEqual(TimeSpan.Zero, _host.TryEnter(out _));
    }

    [Fact]
    public void After_the_reset_no_more_are_sent_at_once_than_the_policy_says()
    {
        Answer(Enter(), "\"x\";r=0;t=1", "\"y\";q=9;w=9, \"x\";q=2;w=10");
        _time.Advance(TimeSpan.FromSeconds(1));
        Enter();
        Enter();
        Assert.Equal(TimeSpan.FromSeconds(10), _host.TryEnter(out _));
    }

    [Fact]
    public void Of_several_quotas_the_one_with_the_least_left_decides()
    {
        Answer(Enter(), "\"day\";r=900;t=3600, \"second\";r=0;t=1, \"minute\";r=0;t=30");
        Assert.Equal(TimeSpan.FromSeconds(30), _host.TryEnter(out _));
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public void Retry_After_is_honoured_in_seconds_and_as_a_date(HttpStatusCode status)
    {
        long second = Enter();
        Answer(Enter(), status, ("Retry-After", "3"));
        Assert.Equal(TimeSpan.FromSeconds(3), _host.TryEnter(out _));
        Answer(second, status, ("Retry-After", _time.GetUtcNow().AddSeconds(8).ToString("R")));
        Assert.Equal(TimeSpan.FromSeconds(8), _host.TryEnter(out _));
        _time.Advance(TimeSpan.FromSeconds(8));
        Enter();
    }

    [Fact]
    public void A_hold_is_not_shortened_by_answers_that_come_later()
    {
        long second = Enter();
        long third = Enter();
        Answer(Enter(), HttpStatusCode.ServiceUnavailable, ("Retry-After", "10"));
        Answer(second, HttpStatusCode.ServiceUnavailable, ("Retry-After", "1"));
        Answer(third, "\"x\";r=50;t=1");
        Assert.Equal(TimeSpan.FromSeconds(10), _host.TryEnter(out _));
    }

    [Theory]
    [InlineData("Retry-After", "soon")]
    [InlineData("Retry-After", "-5")]
    [InlineData("Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData("RateLimit", "0")]
    [InlineData("RateLimit", "\"x\";r=0")]
    [InlineData("RateLimit", "\"x\";r=0;t=later")]
    [InlineData("RateLimit-Policy", "\"x\";q=0;w=1")]
    public void Bad_values_hold_nothing_back(string header, string value)
    {
        Answer(Enter(), HttpStatusCode.TooManyRequests, (header, value));
        Enter();
    }

    [Fact]
    public void A_time_beyond_all_reason_is_cut_to_a_month()
    {
        Answer(Enter(), HttpStatusCode.ServiceUnavailable, ("Retry-After", int.MaxValue.ToString()));
        Answer(EnterAfter(TimeSpan.FromDays(31)), "\"x\";r=0;t=999999999999999");
        Assert.Equal(TimeSpan.FromDays(31), _host.TryEnter(out _));
    }

    [Fact]
    public void A_request_without_answer_gives_its_place_back()
    {
        Answer(Enter(), "\"x\";r=0;t=1", "\"x\";q=1;w=1");
        _time.Advance(TimeSpan.FromSeconds(1));
        _host.Leave(Enter(), response: null);
        _time.Advance(TimeSpan.FromSeconds(1));
        Enter();
    }

    private long EnterAfter(TimeSpan time)
    {
        _time.Advance(time);
        return Enter();
    }

    private long Enter()
    {
        Assert.Equal(TimeSpan.Zero, _host.TryEnter(out long ticket));
        return ticket;
    }

    private void Answer(long ticket, string standing, string policy = "") =>
        Answer(ticket, HttpStatusCode.OK, ("RateLimit", standing), ("RateLimit-Policy", policy));

    private void Answer(long ticket, HttpStatusCode status, params (string Name, string Value)[] headers)
    {
        using HttpResponseMessage response = new(status);
        foreach ((string name, string value) in headers)
        {
            Assert.True(response.Headers.TryAddWithoutValidation(name, value));
        }

        _host.Leave(ticket, response);
    }
}
