using System.Text;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Takes the body out of chunks (RFC 9112, section 7.1), as they come.</summary>
/// <remarks>Lines have to end in CR LF: what one reader takes for the end of a line another may not.</remarks>
internal sealed class ChunkedDecoder
{
    private const int MaxLine = 16 * 1024;

    private readonly List<byte> _line = [];
    private State _state;
    private long _left;
    private int _trailerLength;

    private enum State
    {
        Size,
        Data,
        DataEnd,
        Trailer,
        Done,
    }

    /// <summary>Whether the last chunk and what comes after it have been read.</summary>
    public bool IsDone => _state == State.Done;

    /// <summary>Where trailers are added to; <see langword="null"/> leaves them out.</summary>
    public IHeaderDictionary? Trailers { get; set; }

    /// <summary>Begins a body.</summary>
    public void Reset()
    {
        _state = State.Size;
        _line.Clear();
        _trailerLength = 0;
        Trailers = null;
    }

    /// <summary>Decodes in place.</summary>
    /// <param name="bytes">What has come; the first of it is overwritten with what is in it of the body.</param>
    /// <param name="produced">How many bytes of the body there are.</param>
    /// <returns>How many bytes were consumed; all of them, unless the body has ended before.</returns>
    /// <exception cref="UpstreamFaultException">It is not a chunked body.</exception>
    public int Decode(Span<byte> bytes, out int produced)
    {
        produced = 0;
        int at = 0;
        while (at < bytes.Length && _state != State.Done)
        {
            if (_state == State.Data)
            {
                int length = (int)Math.Min(_left, bytes.Length - at);
                bytes.Slice(at, length).CopyTo(bytes[produced..]);
                produced += length;
                at += length;
                _left -= length;
                _state = _left == 0 ? State.DataEnd : State.Data;
            }
            else
            {
                at += ReadLine(bytes[at..]);
            }
        }

        return at;
    }

    private int ReadLine(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        int length = end < 0 ? bytes.Length : end + 1;
        if (_line.Count + length > MaxLine)
        {
            throw Invalid();
        }

        if (end >= 0 && _line.Count == 0)
        {
            ReadWhole(bytes[..length]);
            return length;
        }

        _line.AddRange(bytes[..length]);
        if (end >= 0)
        {
            ReadWhole(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_line));
            _line.Clear();
        }

        return length;
    }

    private void ReadWhole(ReadOnlySpan<byte> line)
    {
        if (!line.EndsWith("\r\n"u8) || line[..^2].ContainsAny((byte)'\r', (byte)0))
        {
            throw Invalid();
        }

        line = line[..^2];
        switch (_state)
        {
            case State.Size:
                _left = ReadSize(line);
                _state = _left == 0 ? State.Trailer : State.Data;
                break;
            case State.DataEnd:
                _state = line.IsEmpty ? State.Size : throw Invalid();
                break;
            default:
                ReadTrailer(line);
                break;
        }
    }

    private static long ReadSize(ReadOnlySpan<byte> line)
    {
        long size = 0;
        int digits = 0;
        for (; digits < line.Length && char.IsAsciiHexDigit((char)line[digits]); digits++)
        {
            if (size > long.MaxValue >> 4)
            {
                throw Invalid();
            }

            size = (size << 4) | (uint)HexValue(line[digits]);
        }

        ReadOnlySpan<byte> rest = line[digits..].TrimStart(" \t"u8);
        return digits > 0 && (rest.IsEmpty || rest[0] == ';') ? size : throw Invalid();
    }

    private static int HexValue(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;

    private void ReadTrailer(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            _state = State.Done;
            return;
        }

        _trailerLength += line.Length;
        int colon = line.IndexOf((byte)':');
        if (_trailerLength > ResponseHead.MaxLength || colon <= 0 || !ResponseHead.IsToken(line[..colon]))
        {
            throw Invalid();
        }

        string name = Trailers is null ? "" : Encoding.Latin1.GetString(line[..colon]);
        if (Trailers is not null && !HopByHop.Contains(name))
        {
            Trailers.Append(name, Encoding.Latin1.GetString(line[(colon + 1)..].Trim(" \t"u8)));
        }
    }

    private static UpstreamFaultException Invalid() => new(UpstreamFault.InvalidAnswer);
}
