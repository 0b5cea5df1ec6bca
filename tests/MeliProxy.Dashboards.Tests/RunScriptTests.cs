using MeliProxy.Dashboards.Tests.Chronograf;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Dashboards.Tests;

/// <summary>The script of <c>samples/dashboards</c>.</summary>
public sealed class RunScriptTests(PublishedBinary binary)
{
    [Fact]
    public async Task It_finds_every_figure()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/influxd"), "/usr/bin/influxd is not installed (Debian package influxdb).");

        FinishedProcess run = await FinishedProcess.RunAsync(
            "env", [$"MELIPROXY_BINARY={binary.Path}", "bash", Path.Combine(SampleFolder.Repository, "samples", "dashboards", "run.sh"), "--check"]);

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        Assert.EndsWith("Every figure is there.\n", run.Output, StringComparison.Ordinal);
    }
}
