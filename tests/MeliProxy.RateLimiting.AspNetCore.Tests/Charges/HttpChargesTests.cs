using System.Text;
using MeliProxy.RateLimiting.AspNetCore.Charges;
using MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;
using MeliProxy.RateLimiting.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Charges;

public sealed class HttpChargesTests : IDisposable
{
    private const int Quota = 1_000_000;

    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("stream", 300)]
    [InlineData("synchronous", 300)]
    [InlineData("begin", 300)]
    [InlineData("writer", 300)]
    [InlineData("memory", 300)]
    [InlineData("both", 600)]
    [InlineData("start", 300)]
    [InlineData("length", 300)]
    [InlineData("file", 300)]
    [InlineData("part of a file", 100)]
    [InlineData("nothing", 0)]
    public async Task The_bytes_of_a_response_are_charged_whichever_way_they_are_written(string way, int expected)
    {
        byte[] bytes = new byte[300];
        await File.WriteAllBytesAsync(_file, bytes, Stop);
        await using LoopbackApp app = await StartAsync("response-bytes", context => WriteAsync(context, way, bytes, _file));

        using HttpResponseMessage response = await app.GetAsync("/");
        byte[] received = await response.Content.ReadAsByteArrayAsync(Stop);

        Assert.Equal(expected, received.Length);
        await ChargedAsync(app, expected);
    }

    [Fact]
    public async Task What_is_written_in_answer_to_HEAD_is_not_charged()
    {
        await using LoopbackApp app = await StartAsync("response-bytes", context => context.Response.WriteAsync("hello"));

        using HttpRequestMessage request = new(HttpMethod.Head, "/");
        (await app.Client.SendAsync(request, Stop)).Dispose();
        (await app.GetAsync("/")).Dispose();

        await ChargedAsync(app, 5);
    }

    [Fact]
    public async Task What_was_written_before_serving_failed_is_charged()
    {
        await using LoopbackApp app = await StartAsync("response-bytes", async context =>
        {
            await context.Response.WriteAsync("hello", Stop);
            throw new InvalidOperationException("no");
        });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => app.Client.GetStringAsync("/", Stop));

        await ChargedAsync(app, 5);
    }

    [Fact]
    public async Task An_error_page_written_outside_is_not_charged()
    {
        await using LoopbackApp app = await LoopbackApp.StartAsync(Build("response-bytes"), app =>
        {
            app.Use(async (context, next) =>
            {
                IHttpResponseBodyFeature? response = context.Features.Get<IHttpResponseBodyFeature>();
                Stream request = context.Request.Body;
                try
                {
                    await next(context);
                }
                catch (InvalidOperationException)
                {
                    Assert.Same(response, context.Features.Get<IHttpResponseBodyFeature>());
                    Assert.Same(request, context.Request.Body);
                    await context.Response.WriteAsync("something went wrong");
                }
            });
            app.UseQuotaLimiter();
            app.Run(_ => throw new InvalidOperationException("no"));
        });

        Assert.Equal("something went wrong", await app.Client.GetStringAsync("/", Stop));
        await ChargedAsync(app, 0);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task The_bytes_of_a_request_are_charged_as_they_are_read(bool chunked, bool byReader)
    {
        await using LoopbackApp app = await StartAsync("request-bytes", async context =>
        {
            using MemoryStream copy = new();
            await (byReader ? context.Request.BodyReader.CopyToAsync(copy, Stop) : context.Request.Body.CopyToAsync(copy, Stop));
            await context.Response.WriteAsync($"{copy.Length}", Stop);
        });
        using HttpRequestMessage request = new(HttpMethod.Post, "/") { Content = new ByteArrayContent(new byte[300]) };
        request.Headers.TransferEncodingChunked = chunked;

        using HttpResponseMessage response = await app.Client.SendAsync(request, Stop);

        Assert.Equal("300", await response.Content.ReadAsStringAsync(Stop));
        await ChargedAsync(app, 300);
    }

    [Fact]
    public async Task A_request_that_is_not_read_is_not_charged()
    {
        await using LoopbackApp app = await StartAsync("request-bytes", context => context.Response.WriteAsync("hello"));

        using ByteArrayContent content = new(new byte[300]);
        (await app.Client.PostAsync("/", content, Stop)).Dispose();

        await ChargedAsync(app, 0);
    }

    [Theory]
    [InlineData("250", 250, 0)]
    [InlineData("0", 0, 0)]
    [InlineData(null, 0, 0)]
    [InlineData("-5", 0, 1)]
    [InlineData("1.5", 0, 1)]
    [InlineData("99999999999999999999", 0, 1)]
    [InlineData("many", 0, 1)]
    public async Task The_number_in_a_header_of_the_response_is_charged(string? value, long expected, int complaints)
    {
        await using LoopbackApp app = await StartAsync("response-header:X-Cost", context =>
        {
            context.Response.Headers["X-Cost"] = value;
            return context.Response.WriteAsync("hello");
        });

        (await app.GetAsync("/")).Dispose();

        await ChargedAsync(app, expected);
        Assert.Equal(complaints, app.Log.Lines.Count(line => line.Contains("X-Cost", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_header_that_is_no_number_is_logged_once_a_minute_with_how_often()
    {
        await using LoopbackApp app = await StartAsync("response-header:X-Cost", context =>
        {
            context.Response.Headers["X-Cost"] = "many";
            return context.Response.WriteAsync("hello");
        });

        await app.GetManyAsync("/", 3);
        app.Time.Advance(TimeSpan.FromMinutes(1));
        await app.GetManyAsync("/", 2);

        await app.StopAsync();
        Assert.Equal(2, app.Log.Lines.Count);
        Assert.EndsWith("Ignored 3 since last told.", app.Log.Lines.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_application_makes_charges_of_its_own()
    {
        await using LoopbackApp app = await StartAsync("tokens", context =>
        {
            context.GetQuotaDecision().Charge("tokens", 250);
            context.GetQuotaDecision().Charge("other", 1000);
            return context.Response.WriteAsync("hello");
        });

        await app.GetManyAsync("/", 2);

        await ChargedAsync(app, 500);
    }

    [Fact]
    public void Without_a_rule_that_charges_there_is_a_decision_about_nothing()
    {
        QuotaDecision decision = new DefaultHttpContext().GetQuotaDecision();

        decision.Charge("tokens", 250);

        Assert.True(decision.IsAllowed);
        Assert.False(decision.IsUnsettled);
        Assert.Null(decision.Rule);
    }

    [Fact]
    public void What_rules_demand_is_worked_out_again_when_others_are_in_force()
    {
        QuotaLimiterOptions<HttpContext> options = HttpQuota.CreateOptions(new(new()));
        using QuotaLimiter<HttpContext> limiter = new(options);
        DemandsInForce demands = new(limiter);
        RuleDemands before = demands.Current;

        limiter.Update(new RuleSet([AnyRule.Charged("response-bytes") with { Queue = new RuleQueue { Limit = 1, MaxWait = TimeSpan.FromSeconds(1) } }]));

        Assert.Equal((false, false, false), (before.CountsResponseBytes, before.CountsRequestBytes, before.Waits));
        Assert.Equal(
            (true, false, true), (demands.Current.CountsResponseBytes, demands.Current.CountsRequestBytes, demands.Current.Waits));
        Assert.Same(demands.Current, demands.Current);
    }

    private static async Task WriteAsync(HttpContext context, string way, byte[] bytes, string file)
    {
        HttpResponse response = context.Response;
        switch (way)
        {
            case "stream":
                await response.Body.WriteAsync(bytes.AsMemory(0, 100), Stop);
                await response.Body.FlushAsync(Stop);
                await response.Body.WriteAsync(bytes.AsMemory(100), Stop);
                break;
            case "synchronous":
                context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
                response.Body.Write(bytes, 0, 100);
                response.Body.Write(bytes.AsSpan(0, 199));
                response.Body.WriteByte(0);
                break;
            case "begin":
                await Task.Factory.FromAsync(response.Body.BeginWrite, response.Body.EndWrite, bytes, 0, bytes.Length, null);
                break;
            case "writer":
                await response.BodyWriter.WriteAsync(bytes, Stop);
                break;
            case "memory":
                bytes.CopyTo(response.BodyWriter.GetMemory(bytes.Length));
                response.BodyWriter.Advance(100);
                await response.BodyWriter.FlushAsync(Stop);
                bytes.AsSpan(0, 200).CopyTo(response.BodyWriter.GetSpan(200));
                response.BodyWriter.Advance(200);
                break;
            case "both":
                await response.BodyWriter.WriteAsync(bytes, Stop);
                await response.Body.WriteAsync(bytes, Stop);
                break;
            case "start":
                await response.StartAsync(Stop);
                await response.WriteAsync(new string('x', 300), Encoding.ASCII, Stop);
                await response.CompleteAsync();
                break;
            case "length":
                response.ContentLength = bytes.Length;
                await response.Body.WriteAsync(bytes, Stop);
                break;
            case "file":
                await response.SendFileAsync(file, Stop);
                break;
            case "part of a file":
                await response.SendFileAsync(file, 50, 100, Stop);
                break;
            case "nothing":
                response.StatusCode = StatusCodes.Status200OK;
                break;
        }
    }

    private static Task<LoopbackApp> StartAsync(string charge, RequestDelegate serve) => LoopbackApp.StartAsync(Build(charge), app =>
    {
        app.UseQuotaLimiter();
        app.Run(serve);
    });

    private static Action<WebApplicationBuilder> Build(string charge) =>
        builder => builder.Services.AddQuotaLimiter(options => options.Rules.Add(AnyRule.Charged(charge)));

    private static async Task ChargedAsync(LoopbackApp app, long expected)
    {
        await app.StopAsync();
        Assert.Equal(Quota - expected, app.Remaining("charged"));
    }
}
