namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>
/// A row of made-up choices that depends only on its seed (SplitMix64 over a stable hash), so that the same id gives
/// the same data in every process and on every runtime.
/// </summary>
internal sealed class StableDraws(string seed)
{
    private ulong _state = StableHash.Of(seed);

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number of at least <paramref name="low"/> and below <paramref name="high"/>.</summary>
    public int Between(int low, int high) => low + (int)(Next() % (uint)(high - low));

    public T Pick<T>(IReadOnlyList<T> values) => values[Between(0, values.Count)];

    /// <summary>True in <paramref name="percent"/> of a hundred draws.</summary>
    public bool Chance(int percent) => Between(0, 100) < percent;

    /// <summary>A second of the years from <paramref name="fromYear"/> up to but without <paramref name="toYear"/>, in UTC.</summary>
    public DateTime Time(int fromYear, int toYear)
    {
        DateTime from = new(fromYear, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        DateTime to = new(toYear, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        return from.AddSeconds(Next() % (ulong)(to - from).TotalSeconds);
    }
}
