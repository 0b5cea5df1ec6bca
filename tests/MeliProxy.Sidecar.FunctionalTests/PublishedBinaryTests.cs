using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests;

/// <summary>Drives the Native AOT binary as a user would.</summary>
public sealed class PublishedBinaryTests(PublishedBinary binary)
{
    private const int Megabyte = 1024 * 1024;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Publishing_prints_no_warning() =>
        Assert.DoesNotContain("warning", binary.PublishOutput, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public async Task It_proxies_says_in_one_line_what_it_does_and_stops_when_asked()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using SidecarProcess sidecar = await SidecarProcess.StartAsync(binary, "run", "--upstream", upstream.Address.ToString());

        Assert.Equal("hello", await sidecar.Client.GetStringAsync("/anything", Stop));
        Assert.Matches(
            @"MeliProxy \d+\.\d+\.\d+ listens on http://127\.0\.0\.1:\d+ \(admin on http://127\.0\.0\.1:\d+\), forwards to http://127\.0\.0\.1:\d+/?, rules: 0",
            sidecar.StartLine);
        Assert.Equal(0, await sidecar.StopAsync());
    }

    [Fact]
    public async Task Bodies_of_200_megabytes_stream_both_ways_with_flat_memory()
    {
        const int Megabytes = 200;
        byte[] chunk = new byte[Megabyte];
        new Random(1).NextBytes(chunk);
        long uploaded = 0;
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            byte[] received = new byte[Megabyte];
            while (await context.Request.Body.ReadAtLeastAsync(received, Megabyte, throwOnEndOfStream: false, Stop) is > 0 and int read)
            {
                Assert.True(received.AsSpan(0, read).SequenceEqual(chunk.AsSpan(0, read)));
                uploaded += read;
            }

            for (int i = 0; i < int.Parse(context.Request.Query["megabytes"]!, CultureInfo.InvariantCulture); i++)
            {
                await context.Response.Body.WriteAsync(chunk, Stop);
            }
        });
        await using SidecarProcess sidecar = await SidecarProcess.StartAsync(binary, "run", "--upstream", upstream.Address.ToString());
        await ExchangeAsync(1);
        double before = sidecar.PeakMemory;

        await ExchangeAsync(Megabytes);

        Assert.Equal((1 + Megabytes) * (long)Megabyte, uploaded);
        Assert.InRange(sidecar.PeakMemory - before, 0, 40);

        async Task ExchangeAsync(int megabytes)
        {
            using HttpRequestMessage request = new(HttpMethod.Post, $"/?megabytes={megabytes}") { Content = new RepeatedContent(chunk, megabytes) };
            using HttpResponseMessage response = await sidecar.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
            Stream body = await response.Content.ReadAsStreamAsync(Stop);
            byte[] received = new byte[Megabyte];
            for (int i = 0; i < megabytes; i++)
            {
                await body.ReadExactlyAsync(received, Stop);
                Assert.True(received.AsSpan().SequenceEqual(chunk));
            }

            Assert.Equal(0, await body.ReadAsync(received, Stop));
        }
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line_and_exit_code_1()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();

        FinishedProcess run = await FinishedProcess.RunAsync(
            binary.Path, ["run", "--listen", $"http://{taken.LocalEndpoint}", "--admin", "http://127.0.0.1:0"]);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            $"meliproxy: cannot listen on http://{taken.LocalEndpoint}: another process listens there already. Choose another with --listen.",
            run.Errors.Trim());
    }

    [Fact]
    public async Task A_bad_configuration_is_named_whole_and_nothing_starts()
    {
        using TemporaryFolder folder = new();
        folder.Write("meliproxy.json", """
            {
              "lisen": "http://127.0.0.1:0",
              "upstream": ["ftp://x"],
              "clientIp": { "trustedProxies": ["10.0.0.0/99"] },
              "rules": [
                { "name": "a", "key": ["client-ip"], "limit": -1, "window": "1s" },
                { "name": "a", "key": ["shoe-size"], "limit": 1, "window": "1s" },
                { "name": "b", "key": ["path"], "limit": 1, "window": "1s", "algorithm": "leaky-cauldron" }
              ]
            }
            """);

        FinishedProcess check = await FinishedProcess.RunAsync(binary.Path, ["check", "--config", "meliproxy.json"], folder.Path);
        FinishedProcess run = await FinishedProcess.RunAsync(binary.Path, [], folder.Path);

        Assert.Equal(1, check.ExitCode);
        Assert.Equal(1, run.ExitCode);
        foreach (string place in new[]
        {
            "meliproxy.json:2: $.lisen: ",
            "meliproxy.json:3: $.upstream[0]: ",
            "meliproxy.json:4: $.clientIp.trustedProxies[0]: ",
            "meliproxy.json:6: $.rules[0].limit: ",
            "meliproxy.json:7: $.rules[1].key[0]: ",
            "meliproxy.json:8: $.rules[2].algorithm: ",
        })
        {
            Assert.Contains(place, check.Output + check.Errors, StringComparison.Ordinal);
            Assert.Contains(place, run.Output + run.Errors, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("listens on", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{ "a": { "ClusterId": "c", "Match": { "Path": "/{**x}" } }, "b": { "ClusterId": "c", "Match": { "Path": "/{**x}" } } }""",
        "http://127.0.0.1:1",
        "$.ReverseProxy: Routes 'a', 'b' match the same requests")]
    [InlineData(
        """{ "a": { "ClusterId": "c", "Match": { "Path": "/{**x}" } } }""",
        "http://user:SECRET@127.0.0.1:1",
        "$.ReverseProxy.Clusters.c.Destinations.d.Address: must be an absolute http:// or https:// URL without user name and password")]
    public async Task Check_refuses_routing_that_could_not_work_or_would_tell_secrets(string routes, string address, string error)
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("meliproxy.json", $$"""
            { "ReverseProxy": { "Routes": {{routes}}, "Clusters": { "c": { "Destinations": { "d": { "Address": "{{address}}" } } } } } }
            """);

        FinishedProcess check = await FinishedProcess.RunAsync(binary.Path, ["check", "--config", file]);

        Assert.Equal(1, check.ExitCode);
        Assert.Contains(error, check.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", check.Output + check.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_answers_like_the_api_and_limits()
    {
        await using SidecarProcess demo = await SidecarProcess.StartAsync(binary, "demo");

        using JsonDocument category = JsonDocument.Parse(await demo.Client.GetStringAsync("/categories/MLA97994", Stop));
        Assert.Equal("MLA97994", category.RootElement.GetProperty("id").GetString());
        HttpStatusCode last = HttpStatusCode.OK;
        for (int i = 0; i < 30 && last == HttpStatusCode.OK; i++)
        {
            using HttpResponseMessage response = await demo.Client.GetAsync("/categories/MLA97994", Stop);
            last = response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        await demo.WaitForLineAsync("curl ");
        Assert.Equal(0, await demo.StopAsync());
    }

    [Fact]
    public async Task A_changed_file_is_put_in_force_and_a_bad_or_missing_one_is_not()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        using TemporaryFolder folder = new();
        string Configuration(string limit) => $$"""
            { "upstream": ["{{upstream.Address}}"],
              "rules": [ { "name": "all", "key": ["global"], "limit": {{limit}}, "window": "30d", "algorithm": "fixed-window" } ] }
            """;
        string file = folder.Write("meliproxy.json", Configuration("2"));
        await using SidecarProcess sidecar = await SidecarProcess.StartInAsync(binary, folder.Path, "run");
        Assert.Equal(2, await CountAllowedAsync(sidecar, 4));

        folder.Write("meliproxy.json", Configuration("-5"));
        await sidecar.WaitForLineAsync("what was in force stays");
        Assert.Contains("$.rules[0].limit", sidecar.Output, StringComparison.Ordinal);
        Assert.Equal(0, await CountAllowedAsync(sidecar, 2));

        File.Delete(file);
        await sidecar.WaitForLineAsync("there is no such file");
        await sidecar.WaitForLineAsync("what was in force stays");

        folder.Write("meliproxy.json", Configuration("5"));
        await sidecar.WaitForLineAsync("Configuration changed");
        Assert.Equal(3, await CountAllowedAsync(sidecar, 6));
    }

    [Fact]
    public async Task Explain_tells_which_rules_match_and_what_they_would_decide()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("meliproxy.json", """
            { "rules": [
                { "name": "per-ip", "key": ["client-ip"], "limit": 100, "window": "1s" },
                { "name": "posts", "match": { "methods": ["POST"] }, "key": ["path"], "limit": 1, "window": "1s" },
                { "name": "closed", "match": { "path": "/private/{**rest}" }, "key": ["global"], "limit": 0, "window": "1s" }
              ] }
            """);

        FinishedProcess explain = await FinishedProcess.RunAsync(
            binary.Path, ["explain", "--config", file, "--from", "203.0.113.9", "http://x/private/a?b=c"]);

        Assert.Equal(0, explain.ExitCode);
        Assert.Matches("per-ip +applies +client-ip=203.0.113.9 +would pass", explain.Output);
        Assert.Matches("posts +does not match", explain.Output);
        Assert.Matches("closed +applies +global +would be rejected", explain.Output);
    }

    [Fact]
    public async Task The_sample_configuration_runs()
    {
        await using TestUpstream upstream = await TestUpstream.StartAsync(context => context.Response.WriteAsync("hello"));
        await using SidecarProcess sidecar = await SidecarProcess.StartAsync(
            binary, "run", "--config", binary.SampleConfiguration, "--upstream", upstream.Address.ToString());

        using HttpRequestMessage request = new(HttpMethod.Get, "/sites/MLA/search?q=mate");
        request.Headers.Add("X-Api-Key", "partner");
        using HttpResponseMessage response = await sidecar.Client.SendAsync(request, Stop);

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal("\"search\";q=100;w=10", Assert.Single(response.Headers.GetValues("RateLimit-Policy")));
        Assert.Equal("\"search\";r=90;t=1", Assert.Single(response.Headers.GetValues("RateLimit")));
        Assert.EndsWith("overrides: 1", sidecar.StartLine, StringComparison.Ordinal);
        Assert.DoesNotContain("warn", sidecar.Output, StringComparison.Ordinal);
        Assert.Equal(0, await sidecar.StopAsync());
    }

    [Fact]
    public async Task Nobody_reading_what_it_prints_costs_no_request()
    {
        using Process process = Process.Start(new ProcessStartInfo(
            binary.Path, ["run", "--upstream", "http://127.0.0.1:1", "--listen", "http://127.0.0.1:0", "--admin", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
        })!;
        string start = (await process.StandardOutput.ReadLineAsync(Stop))!;
        using HttpClient client = new() { BaseAddress = new Uri(Regex.Match(start, "(?<=listens on )http://[^ ]+").Value) };

        // Each of these logs a line; together they are more than a pipe and the logger's own queue hold.
        await Parallel.ForEachAsync(Enumerable.Range(0, 6000), Stop, async (_, cancellation) =>
        {
            using HttpResponseMessage response = await client.GetAsync("/some/path/to/make/the/line/longer", cancellation);
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        });

        process.Kill();
        await process.WaitForExitAsync(Stop);
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        FinishedProcess help = await FinishedProcess.RunAsync(binary.Path, ["--help"]);

        Assert.Equal(0, help.ExitCode);
        foreach (string command in new[] { "run", "demo", "check", "explain", "rules", "overrides", "audit", "usage", "top", "nodes", "completion" })
        {
            Assert.Matches($@"(?m)^\s+{command}\b", help.Output);
        }
    }

    private static async Task<int> CountAllowedAsync(SidecarProcess sidecar, int calls)
    {
        int allowed = 0;
        for (int i = 0; i < calls; i++)
        {
            using HttpResponseMessage response = await sidecar.Client.GetAsync("/", Stop);
            allowed += response.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        return allowed;
    }

    private sealed class RepeatedContent(byte[] chunk, int times) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (int i = 0; i < times; i++)
            {
                await stream.WriteAsync(chunk, Stop);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = (long)chunk.Length * times;
            return true;
        }
    }
}
