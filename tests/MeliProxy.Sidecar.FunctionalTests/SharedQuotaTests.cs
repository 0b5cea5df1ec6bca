using MeliProxy.RateLimiting.Nats.Tests.Server;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.FunctionalTests;

/// <summary>One quota for several real sidecars over a real NATS server, while parts of it are killed, stand still and come back.</summary>
public sealed class SharedQuotaTests(PublishedBinary binary)
{
    private const string Day = """ "limit": 30, "window": "1d", "algorithm": "fixed-window", "coldStart": "wait", "onPartition": "closed" """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task All_sidecars_together_admit_the_limit_and_no_more()
    {
        await using NatsServer nats = await NatsServer.StartAsync();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using SharingFleet fleet = await SharingFleet.StartAsync(binary, nats, upstream, 3, Day);
        await fleet.WaitUntilJoinedAsync();

        (IReadOnlyCollection<DateTimeOffset> admitted, _) = await fleet.AskAsync(TimeSpan.FromSeconds(5), Pause);

        Assert.Equal(30, admitted.Count);
    }

    [Fact]
    public async Task The_command_nodes_lists_them_whichever_is_asked()
    {
        await using NatsServer nats = await NatsServer.StartAsync();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using SharingFleet fleet = await SharingFleet.StartAsync(binary, nats, upstream, 2, Day);
        await fleet.WaitUntilJoinedAsync();
        foreach (SidecarProcess sidecar in fleet.Sidecars)
        {
            FinishedProcess nodes = await FinishedProcess.RunAsync(binary.Path, ["nodes", "--admin", sidecar.AdminAddress.ToString()]);

            Assert.Equal((0, ""), (nodes.ExitCode, nodes.Errors));
            Assert.StartsWith("Domain default: 2 sidecars answered\n", nodes.Output, StringComparison.Ordinal);
            Assert.All(
                fleet.Sidecars,
                s => Assert.Matches($@"(?m)^\S+:{s.Client.BaseAddress!.Port} +\S+ +1\?? +yes +2 .* no$", nodes.Output));
            Assert.Matches("(?m)^shared +30 +0 of 2$", nodes.Output);
        }
    }

    [Fact]
    public async Task The_command_nodes_says_what_went_wrong_and_fails()
    {
        FinishedProcess nodes = await FinishedProcess.RunAsync(binary.Path, ["nodes", "--admin", "127.0.0.1:8081", "--json"]);

        Assert.Equal(1, nodes.ExitCode);
        Assert.Equal("", nodes.Output);
        Assert.StartsWith("meliproxy: --admin: '127.0.0.1:8081' must be an absolute http:// or https:// URL", nodes.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_goes_on_with_the_account_when_the_owner_is_killed()
    {
        await using NatsServer nats = await NatsServer.StartAsync();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using SharingFleet fleet = await SharingFleet.StartAsync(binary, nats, upstream, 3, Day.Replace("30", "3000", StringComparison.Ordinal));
        await fleet.WaitUntilJoinedAsync();
        (IReadOnlyCollection<DateTimeOffset> before, _) = await fleet.AskAsync(TimeSpan.FromSeconds(2), Pause);
        await (await fleet.FindOwnerAsync()).KillAsync();
        (IReadOnlyCollection<DateTimeOffset> after, _) = await fleet.AskAsync(TimeSpan.FromSeconds(8), Pause);

        Assert.NotEmpty(before);
        Assert.NotEmpty(after);
        Assert.InRange(before.Count + after.Count, 1, 3000);
    }

    [Fact]
    public async Task A_daily_quota_survives_all_sidecars()
    {
        await using NatsServer nats = await NatsServer.StartAsync();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        int first;
        await using (SharingFleet fleet = await SharingFleet.StartAsync(binary, nats, upstream, 2, Day))
        {
            await fleet.WaitUntilJoinedAsync();
            (IReadOnlyCollection<DateTimeOffset> admitted, _) = await fleet.AskAsync(TimeSpan.FromSeconds(4), Pause);
            first = admitted.Count;
            await Task.WhenAll(fleet.Sidecars.Select(s => s.KillAsync()));
        }

        await nats.KillAsync();
        await nats.StartAgainAsync();
        await using SharingFleet again = await SharingFleet.StartAsync(binary, nats, upstream, 2, Day);
        await again.WaitUntilJoinedAsync();
        (IReadOnlyCollection<DateTimeOffset> later, _) = await again.AskAsync(TimeSpan.FromSeconds(5), Pause);

        Assert.Equal(30, first);
        Assert.Empty(later);
    }

    [Fact]
    public async Task An_owner_that_stood_still_does_not_give_out_more()
    {
        await using NatsServer nats = await NatsServer.StartAsync();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using SharingFleet fleet = await SharingFleet.StartAsync(binary, nats, upstream, 3, Day);
        await fleet.WaitUntilJoinedAsync();
        (IReadOnlyCollection<DateTimeOffset> before, _) = await fleet.AskAsync(TimeSpan.FromMilliseconds(200), Pause);
        SidecarProcess owner = await fleet.FindOwnerAsync();
        owner.Pause();
        (IReadOnlyCollection<DateTimeOffset> meanwhile, _) = await fleet.AskAsync(TimeSpan.FromSeconds(6), Pause);
        owner.Resume();
        (IReadOnlyCollection<DateTimeOffset> after, _) = await fleet.AskAsync(TimeSpan.FromSeconds(3), Pause);

        Assert.InRange(before.Count + meanwhile.Count + after.Count, 1, 30);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_NATS_no_request_waits_and_each_sidecar_gives_out_its_part(bool isPaused)
    {
        const string Rule = """ "limit": 90, "window": "1s", "onPartition": "share" """;
        await using NatsServer nats = await NatsServer.StartAsync();
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using SharingFleet fleet = await SharingFleet.StartAsync(binary, nats, upstream, 3, Rule);
        await fleet.WaitUntilJoinedAsync();
        await fleet.AskAsync(TimeSpan.FromSeconds(1), Pause);
        await (isPaused ? nats.PauseAsync() : nats.KillAsync());
        (_, TimeSpan longest) = await fleet.AskAsync(TimeSpan.FromSeconds(5), Pause);
        await Eventually.TrueAsync(() => SharingFleet.IsCutOffAsync(fleet.Sidecars[0]));
        (IReadOnlyCollection<DateTimeOffset> alone, _) = await fleet.AskAsync(TimeSpan.FromSeconds(4), Pause);

        // Three parts of 30 a second and their bursts; nothing of this takes as long as noticing that the server has gone.
        Assert.InRange(alone.Count, 30, (90 * 5) + 90);
        Assert.InRange(longest, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        await (isPaused ? nats.ResumeAsync() : nats.StartAgainAsync());
        await fleet.WaitUntilJoinedAsync();
    }

    [Fact]
    public async Task A_server_that_comes_later_is_found()
    {
        await using NatsServer nats = await NatsServer.ReserveAsync("-js");
        await using TestUpstream upstream = await TestUpstream.StartAsync(_ => Task.CompletedTask);
        await using SharingFleet fleet = await SharingFleet.StartAsync(binary, nats, upstream, 2, Day);
        await Eventually.TrueAsync(() => SharingFleet.IsCutOffAsync(fleet.Sidecars[0]));
        (IReadOnlyCollection<DateTimeOffset> alone, _) = await fleet.AskAsync(TimeSpan.FromSeconds(1), Pause);
        await nats.StartAgainAsync();
        await fleet.WaitUntilJoinedAsync();
        (IReadOnlyCollection<DateTimeOffset> together, _) = await fleet.AskAsync(TimeSpan.FromSeconds(4), Pause);

        Assert.Empty(alone);
        Assert.Equal(30, together.Count);
    }
}
