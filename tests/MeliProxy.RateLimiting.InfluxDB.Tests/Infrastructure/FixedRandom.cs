namespace MeliProxy.RateLimiting.InfluxDB.Tests.Infrastructure;

/// <summary>Always draws the same.</summary>
internal sealed class FixedRandom(double value) : Random
{
    public override double NextDouble() => value;
}
