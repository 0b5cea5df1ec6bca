using MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;
using MeliProxy.RateLimiting.InfluxDB.Tests.Server;

namespace MeliProxy.RateLimiting.InfluxDB.Tests;

/// <summary>What becomes of a snapshot for each thing that a server may answer.</summary>
public sealed class AnswerTests
{
    private const string PartialWrite =
        "partial write: field type conflict: input field \"total\" on measurement \"m\" is type integer, already exists as type float dropped=2";

    public static TheoryData<string> Failures =>
    [
        ScriptedServer.Status(429),
        ScriptedServer.Status(500),
        ScriptedServer.Status(502, "<html>Bad gateway</html>"),
        ScriptedServer.Error(503, "starting"),
        ScriptedServer.Status(504),
        ScriptedServer.Status(507),
        ScriptedServer.Cut,
        $"garbage\r\n\r\n{ScriptedServer.Cut}",
        $"HTTP/1.1 204 No{ScriptedServer.Cut}",
        $"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf{ScriptedServer.Cut}",
        $"HTTP/1.1 204 No Content\r\nX: {new string('x', 1_000_000)}\r\n\r\n",
        $"HTTP/1.1 500 Error\r\nContent-Length: 100000000\r\n\r\n{new string('x', 1_000_000)}",
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task What_may_pass_is_tried_again_after_ever_longer_delays_and_told_once(string answer)
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => answer;
        scripted.Sink.Take(AnySnapshot.At(1));
        foreach (double delay in (double[])[5, 10, 20, 40, 80, 125, 125])
        {
            await scripted.Clock.PassAsync(delay);
        }

        await scripted.RequestsAsync(8);
        Assert.NotNull(scripted.Sink.Status.Problem);
        Assert.Equal(1, scripted.Sink.Status.Queued);
        scripted.Server.Answer = _ => ScriptedServer.Stored;
        await scripted.Clock.PassAsync(125);
        await scripted.AllDoneAsync();

        await Eventually.TrueAsync(() => scripted.Log.Lines.Count == 2);
        Assert.Equal([1, 1], [scripted.Log.Count(2), scripted.Log.Count(3)]);
        Assert.Equal(new(scripted.Sink.Name, 0, 0, null), scripted.Sink.Status);
        Assert.Single(scripted.Server.Requests.Select(request => request.Body).Distinct());
    }

    [Fact]
    public async Task A_random_part_of_up_to_a_half_of_a_delay_is_left_out()
    {
        await using ScriptedSink scripted = new(options => options with { Random = new FixedRandom(0.5) });
        scripted.Server.Answer = _ => ScriptedServer.Status(503);
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.Clock.PassAsync(3.75);
        await scripted.Clock.PassAsync(7.5);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_given_up_after_the_timeout()
    {
        await using ScriptedSink scripted = new(options => options with { RequestTimeout = TimeSpan.FromSeconds(7) });
        scripted.Server.Answer = _ => ScriptedServer.Silence;
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.RequestsAsync(1);
        await scripted.Clock.PassAsync(7);

        Assert.Equal("cannot be written: no answer within 7 s", await scripted.ProblemAsync());
        scripted.Server.Answer = _ => ScriptedServer.Stored;
        await scripted.Clock.PassAsync(5);
        await scripted.AllDoneAsync();
    }

    [Theory]
    [InlineData("17", 17)]
    [InlineData("3600", 125)]
    [InlineData("0", 5)]
    [InlineData("-3", 5)]
    [InlineData("soon", 5)]
    [InlineData("99999999999999999999", 5)]
    [InlineData("Tue, 14 Nov 2023 22:13:51 GMT", 31)]
    [InlineData("Mon, 13 Nov 2023 22:13:51 GMT", 5)]
    public async Task A_server_is_left_alone_for_as_long_as_it_asks_within_bounds(string retryAfter, double expected)
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Status(429, headers: $"Retry-After: {retryAfter}\r\n");
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.ProblemAsync();
        scripted.Server.Answer = _ => ScriptedServer.Stored;
        await scripted.Clock.PassAsync(expected);
        await scripted.AllDoneAsync();
    }

    [Theory]
    [InlineData(401, "authorization failed", "refused: 401 Unauthorized: authorization failed. Set the user and password, or the token, that the server knows")]
    [InlineData(403, "", "refused: 403 Forbidden. Allow the user or token to write to the database usage")]
    [InlineData(404, "database not found: \"usage\"", "refused: 404 Not Found: database not found: \"usage\". Create the database usage (CREATE DATABASE), or correct its name and the URL")]
    [InlineData(405, "", "refused: 405 Method Not Allowed. Check the URL and what is in front of the server")]
    [InlineData(418, "", "refused: 418. Check the URL and what is in front of the server")]
    public async Task What_an_operator_has_to_mend_is_told_at_once_and_tried_again_slowly(int status, string message, string problem)
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Error(status, message);
        scripted.Sink.Take(AnySnapshot.At(1));
        Assert.Equal(problem, await scripted.ProblemAsync());
        foreach (double delay in (double[])[30, 60, 120, 240, 300])
        {
            scripted.Sink.Take(AnySnapshot.At((int)delay));
            await scripted.Clock.PassAsync(delay);
        }

        await scripted.RequestsAsync(6);
        scripted.Server.Answer = _ => ScriptedServer.Stored;
        await scripted.Clock.PassAsync(300);
        await scripted.AllDoneAsync();

        await Eventually.TrueAsync(() => scripted.Log.Lines.Count == 2);
        Assert.Equal([1, 1], [scripted.Log.Count(4), scripted.Log.Count(3)]);
        Assert.Equal(6, scripted.Server.Requests[^1].Lines.Count);
        Assert.Equal(0, scripted.Sink.Status.Dropped);
    }

    [Fact]
    public async Task A_server_without_the_API_of_buckets_is_told_apart()
    {
        await using ScriptedSink scripted = new(options => options with { Database = null, Bucket = "b" });
        scripted.Server.Answer = _ => ScriptedServer.Status(404, "404 page not found");
        scripted.Sink.Take(AnySnapshot.At(1));

        Assert.EndsWith("The server may be an InfluxDB 1.x: give a database and no bucket", await scripted.ProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_some_other_server_is_not_taken_for_success()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Status(200, "<html>Welcome</html>");
        scripted.Sink.Take(AnySnapshot.At(1));

        Assert.Equal("refused: 200 OK; that is no answer of an InfluxDB. Check the URL", await scripted.ProblemAsync());
    }

    [Fact]
    public async Task Success_with_a_body_is_success()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Status(200, """{"results":[]}""");
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.AllDoneAsync();

        Assert.Equal(new(scripted.Sink.Name, 0, 0, null), scripted.Sink.Status);
    }

    [Fact]
    public async Task Credentials_do_not_follow_a_redirect()
    {
        await using ScriptedServer other = new();
        await using ScriptedSink scripted = new(options => options with { User = "u", Password = "secret-password" });
        scripted.Server.Answer = _ => ScriptedServer.Status(307, headers: $"Location: {other.Url}write?p=secret-password\r\n");
        scripted.Sink.Take(AnySnapshot.At(1));

        Assert.Equal(
            $"refused: 307 Temporary Redirect, a redirect, which is not followed, to {other.Url}write. Correct the URL", await scripted.ProblemAsync());
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData(PartialWrite, 2)]
    [InlineData("partial write: unable to parse 'm f=1\nm g=2': invalid number dropped=0", 1)]
    [InlineData("partial write: unable to parse 'a': missing fields\nunable to parse 'b': missing fields dropped=1", 3)]
    [InlineData("partial write of line protocol occurred", 1)]
    [InlineData("partial write: dropped=99999999999999999999999", 1)]
    public async Task Points_that_a_server_refuses_are_given_up_and_counted_and_the_request_is_not_tried_again(string message, int refused)
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Error(400, message.Replace("\n", "\\n", StringComparison.Ordinal));
        scripted.Sink.Take(AnySnapshot.At(1, rules: 5));
        await scripted.AllDoneAsync();

        Assert.StartsWith("points refused: 400 Bad Request: partial write", await scripted.ProblemAsync(), StringComparison.Ordinal);
        Assert.Equal(refused, scripted.Sink.RefusedPoints);
        Assert.Equal(1, scripted.Sink.Status.Dropped);
        Assert.Single(scripted.Server.Requests);
        Assert.Equal(0, scripted.Log.Count(1));
        scripted.Server.Answer = _ => ScriptedServer.Stored;
        scripted.Sink.Take(AnySnapshot.At(2));
        await Eventually.TrueAsync(() => scripted.Sink.Status.Problem is null);
        Assert.Equal((1, 1), (scripted.Log.Count(1), scripted.Log.Count(5)));
    }

    [Fact]
    public async Task Of_a_request_that_is_refused_as_a_whole_the_good_points_are_stored()
    {
        List<string> stored = [];
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = request =>
        {
            if (request.Body.Contains("rule=rule-13,", StringComparison.Ordinal) || request.Body.Contains("rule=rule-13 ", StringComparison.Ordinal))
            {
                return ScriptedServer.Error(400, "unable to parse points");
            }

            stored.AddRange(request.Lines);
            return ScriptedServer.Stored;
        };
        scripted.Sink.Take(AnySnapshot.At(1, rules: 20));
        await scripted.AllDoneAsync();

        Assert.Equal(20, stored.Count);
        Assert.Equal(20, stored.Distinct().Count());
        Assert.Equal(1, scripted.Sink.RefusedPoints);
        Assert.Equal(1, scripted.Sink.Status.Dropped);
    }

    [Fact]
    public async Task A_server_that_refuses_every_line_is_not_asked_about_each()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Error(400, "database is required");
        scripted.Sink.Take(AnySnapshot.At(1, rules: 999));
        await scripted.AllDoneAsync();

        Assert.InRange(scripted.Server.Requests.Count, 1, 100);
        Assert.Equal(1000, scripted.Sink.RefusedPoints);
    }

    [Fact]
    public async Task What_is_too_large_is_sent_in_halves_and_a_point_that_is_too_large_alone_is_given_up()
    {
        const int most = 400;
        List<string> stored = [];
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = request =>
        {
            if (request.Body.Length > most)
            {
                return ScriptedServer.Status(413);
            }

            stored.AddRange(request.Lines);
            return ScriptedServer.Stored;
        };
        scripted.Sink.Take(AnySnapshot.At(1, node: "n1", rules: 30));
        scripted.Sink.Take(AnySnapshot.At(2, node: new string('n', most)));
        scripted.Sink.Take(AnySnapshot.At(3, node: "n1", rules: 30));
        await scripted.AllDoneAsync();

        Assert.Equal(62, stored.Distinct().Count());
        Assert.Equal(62, stored.Count);
        Assert.Equal(1, scripted.Sink.RefusedPoints);
        Assert.Equal(1, scripted.Sink.Status.Dropped);
    }

    [Fact]
    public async Task A_snapshot_at_which_the_server_fails_again_and_again_is_found_and_given_up()
    {
        await using ScriptedSink scripted = new(options => options with { MaxRetries = 2, FlushInterval = TimeSpan.FromHours(1) });
        List<string> stored = [];
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.AllDoneAsync();
        scripted.Server.Answer = request =>
        {
            if (request.Body.Contains("active_keys=4i", StringComparison.Ordinal))
            {
                return ScriptedServer.Error(500, "panic");
            }

            stored.AddRange(request.Lines);
            return ScriptedServer.Stored;
        };
        for (int second = 2; second <= 8; second++)
        {
            scripted.Sink.Take(AnySnapshot.At(second));
        }

        foreach (double delay in (double[])[3600, 5, 10, 20])
        {
            await scripted.Clock.PassAsync(delay);
        }

        await scripted.AllDoneAsync();

        Assert.Equal(6, stored.Distinct().Count());
        Assert.DoesNotContain(stored, line => line.Contains("active_keys=4i", StringComparison.Ordinal));
        Assert.Equal(1, scripted.Sink.Status.Dropped);
    }

    [Fact]
    public async Task Nothing_is_given_up_where_the_server_fails_at_everything()
    {
        await using ScriptedSink scripted = new(options => options with { MaxRetries = 1 });
        scripted.Server.Answer = _ => ScriptedServer.Error(500, "no space left on device");
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.ProblemAsync();
        scripted.Sink.Take(AnySnapshot.At(2));
        foreach (double delay in (double[])[5, 10, 20, 40, 80])
        {
            await scripted.Clock.PassAsync(delay);
        }

        // From the third time on, one snapshot and then the next.
        await scripted.RequestsAsync(10);
        Assert.Equal(2, scripted.Sink.Status.Queued);
        scripted.Server.Answer = _ => ScriptedServer.Stored;
        await scripted.Clock.PassAsync(125);
        await scripted.AllDoneAsync();
        Assert.Equal(0, scripted.Sink.Status.Dropped);
    }

    [Fact]
    public async Task Counts_do_not_wait_for_top_keys()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = request => request.Body.StartsWith("ratelimit_top", StringComparison.Ordinal)
            ? ScriptedServer.Silence
            : ScriptedServer.Stored;
        scripted.Sink.Take(AnySnapshot.WithKeys(1, ["a"]));
        await scripted.RequestsAsync(2);
        scripted.Sink.Take(AnySnapshot.WithKeys(2, ["a"]));
        scripted.Sink.Take(AnySnapshot.At(3));
        await scripted.AllDoneAsync();

        Assert.Null(scripted.Sink.Status.Problem);
        scripted.Clock.Advance(TimeSpan.FromSeconds(11));
        await scripted.ProblemAsync();
        Assert.Equal(3, scripted.Server.Requests.SelectMany(request => request.Lines).Count(line => line.StartsWith("proxy_node", StringComparison.Ordinal)));
        Assert.Equal(1, scripted.Log.Count(2));
    }

    [Fact]
    public async Task A_server_that_is_away_for_both_kinds_is_told_of_once()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Status(503);
        scripted.Sink.Take(AnySnapshot.At(1));
        await scripted.ProblemAsync();
        scripted.Sink.Take(AnySnapshot.WithKeys(2, ["a"]));
        await scripted.RequestsAsync(2);
        await scripted.Clock.PassAsync(5);
        await scripted.RequestsAsync(3);

        Assert.Single(scripted.Log.Lines);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_000)]
    public async Task Neither_the_log_nor_the_status_has_secrets_or_keys_or_control_characters_from_answers(int padding)
    {
        const string body =
            """{"error":"partial write: t0ken-t0ken 0123456789abcdef \u001b[31m \u202e unable to parse 'm pkey=\"10.1.2.3 \\\"x\\\" y\",hits=1i': bad """;
        await using ScriptedSink scripted = new(options => options with { Token = "t0ken-t0ken", KeySecret = "0123456789abcdef" });
        scripted.Server.Answer = _ => ScriptedServer.Status(400, $"{body}{new string('x', padding)}\"}}");
        scripted.Sink.Take(AnySnapshot.At(1));
        string problem = await scripted.ProblemAsync();

        string told = problem + string.Concat(scripted.Log.Lines);
        Assert.All(["t0ken", "0123456789abcdef", "10.1.2.3", "\u001b", "\u202e"], text => Assert.DoesNotContain(text, told, StringComparison.Ordinal));
        Assert.Contains("unable to parse", problem, StringComparison.Ordinal);
        Assert.InRange(problem.Length, 100, 400);
    }

    [Fact]
    public async Task A_snapshot_of_a_time_that_no_server_stores_is_given_up()
    {
        await using ScriptedSink scripted = new();
        scripted.Sink.Take(AnySnapshot.At(1) with { To = DateTimeOffset.MaxValue });
        await scripted.AllDoneAsync();
        scripted.Sink.Take(AnySnapshot.At(2));
        await scripted.AllDoneAsync();

        Assert.Single(scripted.Server.Requests);
        Assert.Equal(1, scripted.Sink.Status.Dropped);
    }

    [Fact]
    public async Task Refused_points_are_told_once_a_minute_at_most()
    {
        await using ScriptedSink scripted = new();
        scripted.Server.Answer = _ => ScriptedServer.Error(400, PartialWrite);
        for (int second = 1; second <= 5; second++)
        {
            scripted.Sink.Take(AnySnapshot.At(second, rules: 5));
            await scripted.AllDoneAsync();
        }

        Assert.Equal(1, scripted.Log.Count(5));
        scripted.Clock.Advance(TimeSpan.FromMinutes(1));
        scripted.Sink.Take(AnySnapshot.At(61, rules: 5));
        await Eventually.TrueAsync(() => scripted.Log.Count(5) == 2);
        Assert.Contains(scripted.Log.Lines, line => line.Contains("given up: 10", StringComparison.Ordinal));
    }
}
