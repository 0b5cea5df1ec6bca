using System.Numerics;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>A key that <see cref="SpaceSaving"/> has a counter for. Its hits are kept apart.</summary>
internal struct FollowedKey
{
    private const int LeastRoom = 32;

    private char[]? _text;
    private int _length;

    public KeyHash Hash;

    public double Limited;

    /// <summary>What the counter had when the key got it, and what may have been other keys' hits since.</summary>
    public double Error;

    /// <summary>Whether the text is not all of the key.</summary>
    public bool IsCut;

    /// <summary>The key's parts, as <see cref="KeyText"/>.</summary>
    public readonly ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>Keeps the text in the room that the key before had, if it is enough.</summary>
    public void SetText(ReadOnlySpan<char> text)
    {
        if (_text is null || _text.Length < text.Length)
        {
            _text = new char[Math.Max(BitOperations.RoundUpToPowerOf2((uint)text.Length), LeastRoom)];
        }

        text.CopyTo(_text);
        _length = text.Length;
    }
}
