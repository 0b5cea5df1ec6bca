using System.Net;
using System.Runtime.Versioning;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.Sidecar.FunctionalTests;

/// <summary>Counts of local rules outlive the sidecar.</summary>
public sealed class StateTests
{
    private const string Rule = """{ "name": "day", "key": ["global"], "limit": 5, "window": "1d", "algorithm": "fixed-window" }""";

    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Counts_survive_a_restart()
    {
        using TemporaryFolder folder = new();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using (RunningSidecar before = await RunningSidecar.StartAsync(upstream, Settings(folder)))
        {
            await SpendAsync(before, 3);
        }

        await using RunningSidecar after = await RunningSidecar.StartAsync(upstream, Settings(folder));

        Assert.Equal(2, await CountAllowedAsync(after, 4));
        Assert.Contains(after.Log.Lines, line => line.Contains("have their counts back", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sidecar_that_is_killed_has_lost_what_it_admitted_in_the_last_seconds()
    {
        using TemporaryFolder folder = new();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        FakeTimeProvider time = new(DateTimeOffset.UtcNow);
        await using RunningSidecar killed = await RunningSidecar.StartAsync(upstream, Settings(folder), time: time);
        await SpendAsync(killed, 3);
        time.Advance(TimeSpan.FromSeconds(4));
        await SpendAsync(killed, 1);

        // What a process leaves behind that ends without a word.
        string left = Path.Combine(folder.Path, "left.bin");
        File.Copy(StateFile(folder), left);
        await using RunningSidecar after = await RunningSidecar.StartAsync(
            upstream, $"\"rules\": [{Rule}], \"state\": \"{left}\"", time: time);

        Assert.Equal(2, await CountAllowedAsync(after, 4));
    }

    [Fact]
    public async Task A_file_of_another_kind_is_set_aside_and_counts_begin_anew()
    {
        using TemporaryFolder folder = new();
        await File.WriteAllTextAsync(StateFile(folder), "not this", Token);
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Settings(folder));

        Assert.Equal(5, await CountAllowedAsync(sidecar, 6));
        Assert.Equal("not this", await File.ReadAllTextAsync(StateFile(folder) + ".bad", Token));
        Assert.Contains(sidecar.Log.Lines, line => line.Contains("it was moved to", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_file_is_set_aside_and_counts_begin_anew()
    {
        using TemporaryFolder folder = new();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using (RunningSidecar before = await RunningSidecar.StartAsync(upstream, Settings(folder)))
        {
            await SpendAsync(before, 3);
        }

        byte[] content = await File.ReadAllBytesAsync(StateFile(folder), Token);
        content[^1] ^= 1;
        await File.WriteAllBytesAsync(StateFile(folder), content, Token);
        await using RunningSidecar after = await RunningSidecar.StartAsync(upstream, Settings(folder));

        Assert.Equal(5, await CountAllowedAsync(after, 6));
        Assert.True(File.Exists(StateFile(folder) + ".bad"));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_its_user_may_read_the_file()
    {
        using TemporaryFolder folder = new();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using (RunningSidecar sidecar = await RunningSidecar.StartAsync(upstream, Settings(folder)))
        {
            await SpendAsync(sidecar, 1);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StateFile(folder)));
        Assert.False(File.Exists(StateFile(folder) + ".new"));
    }

    [Fact]
    public async Task A_second_sidecar_with_the_same_file_says_so_and_goes_on_without()
    {
        using TemporaryFolder folder = new();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using RunningSidecar first = await RunningSidecar.StartAsync(upstream, Settings(folder));
        await using RunningSidecar second = await RunningSidecar.StartAsync(upstream, Settings(folder));

        Assert.Equal(5, await CountAllowedAsync(second, 6));
        Assert.Contains(second.Log.Lines, line => line.Contains("will not survive a restart", StringComparison.Ordinal));
    }

    private static string StateFile(TemporaryFolder folder) => Path.Combine(folder.Path, "state.bin");

    private static string Settings(TemporaryFolder folder) => $"\"rules\": [{Rule}], \"state\": \"{StateFile(folder)}\"";

    private static async Task SpendAsync(RunningSidecar sidecar, int requests) =>
        Assert.Equal(requests, await CountAllowedAsync(sidecar, requests));

    private static async Task<int> CountAllowedAsync(RunningSidecar sidecar, int requests)
    {
        int allowed = 0;
        for (int i = 0; i < requests; i++)
        {
            using HttpResponseMessage answer = await sidecar.Client.GetAsync(new Uri("/", UriKind.Relative), Token);
            allowed += answer.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        return allowed;
    }
}
