using System.Net;
using MeliProxy.Sidecar.Demo;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.Sidecar.Tests.Demo;

public sealed class StandInApiTests(StandInFixture standIn) : IClassFixture<StandInFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/categories/XXX", "Category not found: XXX")]
    [InlineData("/categories/MLZ97994", "Category not found: MLZ97994")]
    [InlineData("/categories/mla97994", "Category not found: mla97994")]
    [InlineData("/categories/MLA", "Category not found: MLA")]
    [InlineData("/categories/MLA97994x", "Category not found: MLA97994x")]
    [InlineData("/items/MLA-1", "Item with id MLA-1 not found")]
    [InlineData("/users/0", "User not found: 0")]
    [InlineData("/users/me", "User not found: me")]
    [InlineData("/currencies/XYZ", "Currency not found: XYZ")]
    [InlineData("/sites/MLZ/search?q=tv", "Site not found: MLZ")]
    [InlineData("/sites/MLZ/categories", "Site not found: MLZ")]
    [InlineData("/categories/", "Resource not found: /categories/")]
    [InlineData("/", "Resource not found: /")]
    public async Task What_is_not_there_is_a_404_in_the_shape_of_the_API(string path, string message)
    {
        using HttpResponseMessage response = await standIn.SendAsync(HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(
            $$"""{"message":"{{message}}","error":"not_found","status":404,"cause":[]}""",
            await response.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task Writing_is_a_405_that_names_the_allowed_methods()
    {
        using HttpResponseMessage response = await standIn.SendAsync(HttpMethod.Post, "/categories/MLA97994");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow.Order());
        Assert.Contains("\"status\":405", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writing_to_what_is_not_there_is_a_404()
    {
        using HttpResponseMessage response = await standIn.SendAsync(HttpMethod.Put, "/nothing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task HEAD_has_the_headers_of_GET_and_no_body()
    {
        using HttpResponseMessage get = await standIn.SendAsync(HttpMethod.Get, "/categories/MLA97994");
        using HttpResponseMessage head = await standIn.SendAsync(HttpMethod.Head, "/categories/MLA97994");

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Cancellation));
    }

    [Fact]
    public async Task Answers_carry_the_headers_of_the_API()
    {
        using HttpResponseMessage first = await standIn.SendAsync(HttpMethod.Get, "/categories/MLA97994");
        using HttpResponseMessage second = await standIn.SendAsync(HttpMethod.Get, "/categories/MLA97994");

        Assert.Equal("application/json; charset=utf-8", first.Content.Headers.ContentType?.ToString());
        Assert.Equal(TimeSpan.FromMinutes(10), first.Headers.CacheControl?.MaxAge);
        Assert.Equal("*", Assert.Single(first.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.NotEqual(Assert.Single(first.Headers.GetValues("X-Request-Id")), Assert.Single(second.Headers.GetValues("X-Request-Id")));
    }

    [Fact]
    public async Task A_caller_that_has_the_answer_already_gets_304()
    {
        using HttpResponseMessage first = await standIn.SendAsync(HttpMethod.Get, "/items/MLA5");
        using HttpRequestMessage again = new(HttpMethod.Get, "/items/MLA5");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using HttpResponseMessage second = await standIn.Client.SendAsync(again, Cancellation);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("/categories/MLA424242")]
    [InlineData("/items/MLB777")]
    [InlineData("/users/31337")]
    [InlineData("/sites/MCO/search?q=bicicleta")]
    public async Task Two_stand_ins_give_the_same_answer_to_the_same_request(string path)
    {
        await using StandInApi other = await StandInApi.StartAsync(new StandInOptions(), NullLoggerFactory.Instance, Cancellation);

        string here = await standIn.Client.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation);
        string there = await standIn.Client.GetStringAsync(new Uri(other.Address, path), Cancellation);

        Assert.Equal(here, there);
    }

    [Fact]
    public async Task An_answer_waits_for_the_added_latency()
    {
        TimerWatchingTimeProvider time = new();
        StandInOptions options = new() { Latency = TimeSpan.FromSeconds(30), TimeProvider = time };
        await using StandInApi slow = await StandInApi.StartAsync(options, NullLoggerFactory.Instance, Cancellation);

        Task<string> answer = standIn.Client.GetStringAsync(new Uri(slow.Address, "/currencies"), Cancellation);
        await time.TimerCreated.WaitAsync(Cancellation);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(answer.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.StartsWith("[", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_disposal_nothing_listens()
    {
        StandInApi api = await StandInApi.StartAsync(new StandInOptions(), NullLoggerFactory.Instance, Cancellation);
        await api.DisposeAsync();

        using HttpClient client = new();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(api.Address, Cancellation));
    }
}
