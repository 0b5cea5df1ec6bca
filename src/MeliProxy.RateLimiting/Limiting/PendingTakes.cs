using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.Limiting;

/// <summary>Room on the stack for the parts of as many rules as most sets have.</summary>
[InlineArray(Count)]
internal struct PendingTakes
{
    public const int Count = 16;

    private PendingTake _first;
}
