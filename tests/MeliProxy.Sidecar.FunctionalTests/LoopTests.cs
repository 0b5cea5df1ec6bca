using System.Diagnostics;
using System.Text.RegularExpressions;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.Sidecar.FunctionalTests;

/// <summary>The threads that serve requests wait for nothing but sockets.</summary>
public sealed partial class LoopTests(PublishedBinary binary)
{
    /// <summary>
    /// What such a thread may ask of the system: to move bytes over sockets, to wait for sockets, memory, and to take part in collections of
    /// garbage (<c>futex</c>, <c>sched_yield</c>, <c>membarrier</c>). Files, sleep and waiting for single descriptors are not among it.
    /// </summary>
    private static readonly HashSet<string> Allowed =
    [
        "epoll_wait", "epoll_pwait", "epoll_ctl", "recvfrom", "recvmsg", "sendto", "sendmsg", "accept4", "socket", "connect", "close", "shutdown",
        "setsockopt", "getsockopt", "getsockname", "getpeername", "fcntl", "ioctl", "dup", "futex", "sched_yield", "membarrier", "mmap", "munmap",
        "mprotect", "madvise", "getrandom", "gettid", "tgkill", "rt_sigreturn", "rt_sigprocmask", "sched_getaffinity", "clone3", "clone",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_ask_the_system_for_nothing_that_blocks()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed");
        await using TestUpstream upstream = await TestUpstream.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, Stop);
            await context.Response.WriteAsync(new string('m', 20_000), Stop);
        });
        using TemporaryFolder folder = new();
        string configuration = folder.Write("meliproxy.json", """
            { "rules": [ { "name": "ip", "key": ["client-ip"], "limit": 100, "window": "1h" },
                         { "name": "slow", "key": ["path"], "limit": 10, "window": "1s", "queue": { "limit": 100, "maxWait": "1s" } } ] }
            """);
        await using SidecarProcess sidecar = await SidecarProcess.StartAsync(
            binary, "run", "--config", configuration, "--upstream", upstream.Address.ToString());
        await AskAsync(sidecar);

        string trace = Path.Combine(folder.Path, "trace");
        using Process strace = Process.Start("/usr/bin/strace", ["-f", "-qq", "-o", trace, "-p", $"{sidecar.Id}"]);
        try
        {
            // Attached once something is written of what is asked meanwhile.
            await Eventually.TrueAsync(async () =>
            {
                await AskAsync(sidecar);
                return File.Exists(trace) && new FileInfo(trace).Length > 100_000;
            });
            using HttpClient admin = new();
            await admin.GetStringAsync(new Uri(sidecar.AdminAddress, "/api/v1/usage?from=-1m"), Stop);
            await admin.GetStringAsync(new Uri(sidecar.AdminAddress, "/metrics"), Stop);
            await AskAsync(sidecar);
        }
        finally
        {
            await sidecar.StopAsync();
            await strace.WaitForExitAsync(Stop);
        }

        // A loop is known by what it waits with. Any thread may be the one that is interrupted to be told that the process is to end.
        ILookup<string, string> calls = (await File.ReadAllLinesAsync(trace, Stop))
            .TakeWhile(line => !line.Contains("--- SIGTERM", StringComparison.Ordinal))
            .Select(line => CallPattern().Match(line))
            .Where(match => match.Success)
            .ToLookup(match => match.Groups[1].Value, match => match.Groups[2].Value);
        string[][] loops = [.. calls.Select(thread => thread.Distinct().ToArray()).Where(names => names.Any(IsWaitForSockets))];
        Assert.NotEmpty(loops);
        Assert.Contains(loops, names => names.Contains("sendto") || names.Contains("sendmsg"));
        Assert.Equal([], loops.SelectMany(names => names).Distinct().Where(name => !Allowed.Contains(name)).Order());
    }

    private static bool IsWaitForSockets(string name) => name is "epoll_wait" or "epoll_pwait" or "epoll_pwait2";

    private static async Task AskAsync(SidecarProcess sidecar)
    {
        for (int i = 0; i < 20; i++)
        {
            using HttpResponseMessage got = await sidecar.Client.GetAsync($"/a{i}", Stop);
            using StringContent body = new(new string('p', 100_000));
            using HttpResponseMessage posted = await sidecar.Client.PostAsync($"/b{i}", body, Stop);
        }
    }

    [GeneratedRegex(@"^(\d+) +(?:<\.\.\. )?([a-z_0-9]+)[( ]")]
    private static partial Regex CallPattern();
}
