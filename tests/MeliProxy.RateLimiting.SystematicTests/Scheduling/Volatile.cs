using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>Stands in for the real one in the product's source; see <see cref="Interlocked"/>.</summary>
internal static class Volatile
{
    public static T Read<T>(ref T location, [CallerArgumentExpression(nameof(location))] string name = "")
    {
        Strand.Current?.Step(ref location, isWrite: false, name);
        return location;
    }

    public static void Write<T>(ref T location, T value, [CallerArgumentExpression(nameof(location))] string name = "")
    {
        Strand? strand = Strand.Current;
        strand?.Step(ref location, isWrite: true, name);
        location = value;
        strand?.Wrote();
    }
}
