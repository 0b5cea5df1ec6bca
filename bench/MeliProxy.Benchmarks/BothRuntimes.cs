using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Environments;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.NativeAot;

namespace MeliProxy.Benchmarks;

/// <summary>Every benchmark is run by the just-in-time compiler and as Native AOT.</summary>
public sealed class BothRuntimes : ManualConfig
{
    public BothRuntimes()
    {
        AddJob(Job.ShortRun.WithRuntime(CoreRuntime.Core10_0).WithId("JIT"));

        // The compiler comes from the machine's own sources; the folder only takes the place of the feed of daily builds.
        AddJob(Job.ShortRun.WithRuntime(NativeAotRuntime.Net10_0).WithId("AOT").WithToolchain(
            NativeAotToolchain.CreateBuilder()
                .UseNuGet("", AppContext.BaseDirectory)
                .DisplayName("Native AOT")
                .TargetFrameworkMoniker("net10.0")
                .ToToolchain()));
    }
}
