namespace MeliProxy.Benchmarks;

/// <summary>What is limited: who asks, for what, on whose account.</summary>
public sealed record ApiCall(string Client, string Path, string Account)
{
    /// <summary>Calls with distinct values in random order, always the same.</summary>
    public static ApiCall[] CreateMany(int count)
    {
        ApiCall[] calls = [.. Enumerable.Range(0, count).Select(i => new ApiCall($"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}", $"/items/MLA{i}", $"app-{i}"))];
        new Random(1).Shuffle(calls);
        return calls;
    }
}
