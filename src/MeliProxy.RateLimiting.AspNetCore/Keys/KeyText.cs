using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.AspNetCore.Keys;

/// <summary>Text of a key part that comes from a client and so may be of any length.</summary>
/// <remarks>
/// Eight parts of the longest form fit a key. Of a text longer than <see cref="MaxLength"/>, the rest is replaced by its SHA-256, so
/// different texts stay different keys.
/// </remarks>
internal struct KeyText
{
    public const int MaxLength = 4000;

    private int _length;
    private bool _hasValue;
    private IncrementalHash? _rest;

    /// <summary>Adds one of several values, separated by a comma from the one before.</summary>
    public void AppendValue(ref PartitionKeyWriter writer, scoped ReadOnlySpan<char> value)
    {
        if (_hasValue)
        {
            Append(ref writer, ",");
        }

        _hasValue = true;
        Append(ref writer, value);
    }

    public void Append(ref PartitionKeyWriter writer, scoped ReadOnlySpan<char> text)
    {
        ReadOnlySpan<char> head = text[..Math.Min(text.Length, MaxLength - _length)];
        writer.Append(head);
        _length += head.Length;
        if (head.Length < text.Length)
        {
            _rest ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _rest.AppendData(MemoryMarshal.AsBytes(text[head.Length..]));
        }
    }

    /// <summary>Ends the text.</summary>
    /// <returns>Whether <see cref="AppendValue"/> was called.</returns>
    public bool Complete(ref PartitionKeyWriter writer)
    {
        if (_rest is { } rest)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            rest.GetCurrentHash(hash);
            rest.Dispose();
            writer.Append("#");
            writer.Append(Convert.ToHexStringLower(hash));
        }

        return _hasValue;
    }
}
