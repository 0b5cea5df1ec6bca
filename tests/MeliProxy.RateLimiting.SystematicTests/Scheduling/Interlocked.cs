using System.Numerics;
using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.SystematicTests.Scheduling;

/// <summary>Stands in for the real one in the product's source. Each operation is a step; between steps no other strand runs.</summary>
internal static class Interlocked
{
    public static T CompareExchange<T>(
        ref T location, T value, T comparand, [CallerArgumentExpression(nameof(location))] string name = "")
        where T : unmanaged, INumber<T>
    {
        Strand? strand = Strand.Current;
        strand?.Step(ref location, isWrite: true, name);
        T seen = location;
        FaultKind fault = strand is null ? FaultKind.None : strand.FaultAt(name, long.CreateTruncating(value));
        if (fault == FaultKind.NotAtomic)
        {
            strand!.Step(ref location, isWrite: true, name);
        }

        if (fault == FaultKind.AlwaysSucceeds)
        {
            location = value;
            return comparand;
        }

        if (seen == comparand && fault != FaultKind.NotWritten)
        {
            location = value;
            strand?.Wrote();
        }

        return seen;
    }

    public static T Add<T>(ref T location, T value, [CallerArgumentExpression(nameof(location))] string name = "")
        where T : unmanaged, INumber<T>
    {
        Strand? strand = Strand.Current;
        strand?.Step(ref location, isWrite: true, name);
        T sum = location + value;
        if (strand?.FaultAt(name, long.CreateTruncating(sum)) == FaultKind.NotAtomic)
        {
            strand.Step(ref location, isWrite: true, name);
        }

        location = sum;
        strand?.Wrote();
        return sum;
    }

    public static uint Add(ref uint location, uint value, [CallerArgumentExpression(nameof(location))] string name = "") =>
        Add<uint>(ref location, value, name);

    public static T Exchange<T>(ref T location, T value, [CallerArgumentExpression(nameof(location))] string name = "")
        where T : unmanaged, INumber<T>
    {
        Strand.Current?.Step(ref location, isWrite: true, name);
        T seen = location;
        location = value;
        Strand.Current?.Wrote();
        return seen;
    }

    public static T Increment<T>(ref T location, [CallerArgumentExpression(nameof(location))] string name = "")
        where T : unmanaged, INumber<T> => Add(ref location, T.One, name);

    public static T Decrement<T>(ref T location, [CallerArgumentExpression(nameof(location))] string name = "")
        where T : unmanaged, INumber<T> => Add(ref location, -T.One, name);
}
