using System.Runtime.InteropServices;

namespace MeliProxy.Sidecar.Demo.Catalog;

/// <summary>FNV-1a, 64 bits: unlike <see cref="string.GetHashCode()"/> the same in every process.</summary>
internal static class StableHash
{
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in bytes)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }

    /// <summary>The hash of the text's UTF-16 code units.</summary>
    public static ulong Of(ReadOnlySpan<char> text) => Of(MemoryMarshal.AsBytes(text));
}
