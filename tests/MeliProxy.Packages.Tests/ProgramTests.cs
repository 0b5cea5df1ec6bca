using System.Diagnostics;
using System.Net;
using MeliProxy.Packages.Tests.Infrastructure;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Packages.Tests;

public sealed class ProgramTests(UserPrograms programs)
{
    [Theory]
    [InlineData("console")]
    [InlineData("web-api")]
    [InlineData("message-consumer")]
    [InlineData("outgoing-http")]
    public void Builds_and_publishes_as_Native_AOT_without_warning(string program)
    {
        programs.AssertNoComplaintAbout($"{program}.csproj");

        // A managed program would have its assembly beside it.
        Assert.False(File.Exists($"{programs.BinaryOf(program)}.dll"));
    }

    [Fact]
    public async Task A_console_program_decides()
    {
        FinishedProcess console = await FinishedProcess.RunAsync(programs.BinaryOf("console"), []);
        Assert.Equal(
            "ann: allowed, 1 left\nann: allowed, 0 left\nann: rejected by per-customer\nbob: allowed, 1 left\n",
            console.Output);
        Assert.Equal(0, console.ExitCode);
    }

    [Fact]
    public async Task A_web_API_answers_200_and_then_429_and_says_where_the_client_stands()
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        ProcessStartInfo start = new(programs.BinaryOf("web-api"), ["--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true };
        using Process api = Process.Start(start)!;
        try
        {
            string? line;
            do
            {
                line = await api.StandardOutput.ReadLineAsync(cancellationToken);
                Assert.NotNull(line);
            }
            while (!line.Contains("Now listening on: ", StringComparison.Ordinal));

            using HttpClient client = new() { BaseAddress = new Uri(line.Split("Now listening on: ")[1]) };
            using HttpResponseMessage first = await client.GetAsync("/", cancellationToken);
            using HttpResponseMessage second = await client.GetAsync("/", cancellationToken);
            using HttpResponseMessage third = await client.GetAsync("/", cancellationToken);

            Assert.Equal("hello", await first.Content.ReadAsStringAsync(cancellationToken));
            Assert.Equal(HttpStatusCode.OK, second.StatusCode);
            Assert.StartsWith("\"per-ip\";r=0;t=", Assert.Single(second.Headers.GetValues("RateLimit")), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
            Assert.Equal("\"per-ip\";q=2;w=3600", Assert.Single(third.Headers.GetValues("RateLimit-Policy")));
            Assert.InRange(third.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(25), TimeSpan.FromMinutes(30));
            Assert.Equal("application/problem+json", third.Content.Headers.ContentType!.MediaType);
        }
        finally
        {
            api.Kill();
            await api.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task The_sample_of_a_message_consumer_delays_charges_and_blocks()
    {
        FinishedProcess sample = await FinishedProcess.RunAsync(programs.BinaryOf("message-consumer"), []);
        string[] lines = sample.Output.Split('\n');
        Assert.Contains("acme: 24 handled, 0 rejected", lines);
        Assert.Contains("globex: 3 handled, 0 rejected", lines);
        Assert.Contains("initech: 0 handled, 3 rejected", lines);
        Assert.Equal(3, lines.Count(line => line.EndsWith("initech/1  50 bytes  rejected by tenant-rate", StringComparison.Ordinal)));
        Assert.Equal("", sample.Errors);
        Assert.Equal(0, sample.ExitCode);
    }

    [Fact]
    public async Task The_sample_of_a_client_is_not_rejected_once_it_knows_the_quota()
    {
        FinishedProcess sample = await FinishedProcess.RunAsync(programs.BinaryOf("outgoing-http"), []);
        string[] lines = sample.Output.Split('\n');
        Assert.Contains(lines, line => line.EndsWith("round 2: 30 answered, 0 rejected", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("round 3: 30 answered, 0 rejected", StringComparison.Ordinal));
        Assert.Contains("rejected after the first round: 0", lines);
        Assert.Equal("", sample.Errors);
        Assert.Equal(0, sample.ExitCode);
    }
}
