using BenchmarkDotNet.Attributes;

namespace MeliProxy.Benchmarks;

/// <summary>Reading the clock, which every decision does once: the floor of all other figures.</summary>
public class ClockBenchmark
{
    [Benchmark]
    public long Timestamp() => TimeProvider.System.GetTimestamp();
}
