namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>A header field of an upstream's answer, with the line it was read from.</summary>
/// <remarks>A connection's answers are mostly alike, so a line that comes again is not read again, and its strings are not made again.</remarks>
internal struct ResponseField
{
    private byte[]? _line;
    private int _length;

    /// <summary>What the field is to the proxy.</summary>
    public ResponseFieldKind Kind;

    /// <summary>Its name.</summary>
    public string Name;

    /// <summary>Its value.</summary>
    public string Value;

    /// <summary>The length that a <see cref="ResponseFieldKind.ContentLength"/> says; -1 if it is none.</summary>
    public long Number;

    /// <summary>Whether it was read from such a line.</summary>
    public readonly bool IsFrom(ReadOnlySpan<byte> line) => _line is { } known && line.SequenceEqual(known.AsSpan(0, _length));

    /// <summary>Remembers the line it was read from.</summary>
    public void Keep(ReadOnlySpan<byte> line)
    {
        if (_line is null || _line.Length < line.Length)
        {
            _line = GC.AllocateUninitializedArray<byte>(Math.Max(line.Length, 32));
        }

        line.CopyTo(_line);
        _length = line.Length;
    }

    /// <summary>Keeps it to this connection, this once.</summary>
    public void Drop()
    {
        Kind = ResponseFieldKind.HopByHop;
        _line = null;
    }

    /// <summary>Whether the name is the one read before from the same place.</summary>
    public readonly bool HasName(ReadOnlySpan<byte> name) =>
        _line is { } known && _length > name.Length && known[name.Length] == ':' && name.SequenceEqual(known.AsSpan(0, name.Length));
}
