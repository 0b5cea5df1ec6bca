using System.Runtime.CompilerServices;

namespace MeliProxy.RateLimiting.Keys;

/// <summary>Room on the stack for the text of most keys.</summary>
[InlineArray(Count)]
internal struct KeyCharacters
{
    public const int Count = 256;

    private char _first;
}
