using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Keys;

/// <summary>What stands for one key of one rule: 120 bits of hash, and in the lowest byte how its state is to be read.</summary>
internal readonly record struct KeyHash(ulong Low, ulong High)
{
    public SlotKind Kind => (SlotKind)(byte)Low;

    public KeyHash With(SlotKind kind) => new((Low & ~0xffUL) | (byte)kind, High);
}
