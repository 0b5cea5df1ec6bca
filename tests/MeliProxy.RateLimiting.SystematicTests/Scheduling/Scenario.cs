using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>What runs at the same time, and what has to hold afterwards.</summary>
/// <param name="Table">The table whose slots are told apart.</param>
/// <param name="Strands">What each strand does.</param>
/// <param name="Check">Throws if something does not hold.</param>
internal sealed record Scenario(QuotaTable Table, Action[] Strands, Action Check);
