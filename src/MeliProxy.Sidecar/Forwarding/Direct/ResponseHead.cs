using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Reads the heads of a connection's answers (RFC 9112, sections 4 and 5).</summary>
/// <remarks>
/// What two readers might take for different things is refused: folded lines, a space before the colon, a transfer coding other than
/// <c>chunked</c>, more than one length. A bare LF ends a line, as RFC 9112, section 2.2, allows.
/// </remarks>
internal sealed class ResponseHead
{
    /// <summary>The largest head that is read.</summary>
    public const int MaxLength = 64 * 1024;

    private const int MinStatusLine = 12;

    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> Forbidden = SearchValues.Create("\0\r\n"u8);

    private ResponseField[] _fields = new ResponseField[8];
    private int _count;
    private ResponseField _statusLine;
    private bool _isHttp11;

    /// <summary>The status.</summary>
    public int StatusCode { get; private set; }

    /// <summary>What is said of it; <see langword="null"/> if it is what is always said.</summary>
    public string? ReasonPhrase { get; private set; }

    /// <summary>Whether the upstream keeps the connection open.</summary>
    public bool KeepsAlive { get; private set; }

    /// <summary>The length of the body; -1 if none is said.</summary>
    public long ContentLength { get; private set; }

    /// <summary>Whether the body comes in chunks.</summary>
    public bool IsChunked { get; private set; }

    /// <summary>Its header fields.</summary>
    public ReadOnlySpan<ResponseField> Fields => _fields.AsSpan(0, _count);

    /// <summary>Reads a head.</summary>
    /// <param name="bytes">What has come so far.</param>
    /// <returns>How many bytes of it the head has; 0 if it has not all come.</returns>
    /// <exception cref="UpstreamFaultException">It is not a valid head.</exception>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        _count = 0;
        int at = 0;
        for (bool isFirst = true; ; isFirst = false)
        {
            int end = bytes[at..].IndexOf((byte)'\n');
            if (end < 0)
            {
                return isFirst && !MayBeStatusLine(bytes) ? throw Invalid() : 0;
            }

            ReadOnlySpan<byte> line = bytes.Slice(at, end);
            at += end + 1;
            if (line.EndsWith((byte)'\r'))
            {
                line = line[..^1];
            }

            if (isFirst)
            {
                ReadStatusLine(line);
            }
            else if (line.IsEmpty)
            {
                SettleFraming();
                return at;
            }
            else
            {
                ReadField(line);
            }
        }
    }

    /// <summary>Whether bytes can be the name of a field.</summary>
    public static bool IsToken(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(TokenBytes);

    /// <summary>The answer ends with the connection, as nothing says how long it is.</summary>
    public void EndWithConnection() => KeepsAlive = false;

    private static UpstreamFaultException Invalid() => new(UpstreamFault.InvalidAnswer);

    /// <summary>Whether what has come of the first line can still become one; so that garbage is not waited for.</summary>
    private static bool MayBeStatusLine(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> start = "HTTP/1."u8;
        int length = Math.Min(bytes.Length, start.Length);
        return bytes[..length].SequenceEqual(start[..length]);
    }

    private void ReadStatusLine(ReadOnlySpan<byte> line)
    {
        if (_statusLine.IsFrom(line))
        {
            return;
        }

        if (line.Length < MinStatusLine
            || !line.StartsWith("HTTP/1."u8)
            || !char.IsAsciiDigit((char)line[7])
            || line[8] != ' '
            || !char.IsBetween((char)line[9], '1', '9')
            || !char.IsAsciiDigit((char)line[10])
            || !char.IsAsciiDigit((char)line[11])
            || (line.Length > MinStatusLine && line[MinStatusLine] != ' ')
            || line.ContainsAny(Forbidden))
        {
            throw Invalid();
        }

        _isHttp11 = line[7] != '0';
        StatusCode = ((line[9] - '0') * 100) + ((line[10] - '0') * 10) + (line[11] - '0');
        string reason = line.Length > MinStatusLine ? Encoding.Latin1.GetString(line[(MinStatusLine + 1)..]) : "";
        ReasonPhrase = reason == ReasonPhrases.GetReasonPhrase(StatusCode) ? null : reason;
        _statusLine.Keep(line);
    }

    private void ReadField(ReadOnlySpan<byte> line)
    {
        if (_count == _fields.Length)
        {
            Array.Resize(ref _fields, _count * 2);
        }

        ref ResponseField field = ref _fields[_count++];
        if (field.IsFrom(line))
        {
            return;
        }

        int colon = line.IndexOf((byte)':');
        if (colon < 0 || !IsToken(line[..colon]) || line.ContainsAny(Forbidden))
        {
            throw Invalid();
        }

        ReadOnlySpan<byte> name = line[..colon];
        ReadOnlySpan<byte> value = line[(colon + 1)..].Trim(" \t"u8);
        if (!field.HasName(name))
        {
            field.Name = Encoding.Latin1.GetString(name);
            field.Kind = KindOf(field.Name);
        }

        field.Value = field.Kind == ResponseFieldKind.ContentLength ? "" : Encoding.Latin1.GetString(value);
        field.Number = field.Kind == ResponseFieldKind.ContentLength ? ReadLength(value) : -1;
        field.Keep(line);
    }

    private static long ReadLength(ReadOnlySpan<byte> value) =>
        value.IsEmpty || !char.IsAsciiDigit((char)value[0]) || !Utf8Parser.TryParse(value, out long length, out int consumed) || consumed != value.Length
            ? throw Invalid()
            : length;

    private static ResponseFieldKind KindOf(string name) => name.Length switch
    {
        10 when name.Equals("Connection", StringComparison.OrdinalIgnoreCase) => ResponseFieldKind.Connection,
        14 when name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) => ResponseFieldKind.ContentLength,
        17 when name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) => ResponseFieldKind.TransferEncoding,
        _ => HopByHop.Contains(name) ? ResponseFieldKind.HopByHop : ResponseFieldKind.EndToEnd,
    };

    private void SettleFraming()
    {
        KeepsAlive = _isHttp11;
        ContentLength = -1;
        IsChunked = false;
        foreach (ref readonly ResponseField field in Fields)
        {
            switch (field.Kind)
            {
                case ResponseFieldKind.ContentLength:
                    if (ContentLength >= 0)
                    {
                        throw Invalid();
                    }

                    ContentLength = field.Number;
                    break;
                case ResponseFieldKind.TransferEncoding:
                    if (IsChunked || !field.Value.Equals("chunked", StringComparison.OrdinalIgnoreCase))
                    {
                        throw Invalid();
                    }

                    IsChunked = true;
                    break;
                case ResponseFieldKind.Connection:
                    ReadConnection(field.Value);
                    break;
            }
        }

        if (IsChunked && ContentLength >= 0)
        {
            // Chunks it is (RFC 9112, section 6.3), and such a connection is not trusted with another request.
            ContentLength = -1;
            KeepsAlive = false;
        }
    }

    private void ReadConnection(string value)
    {
        foreach (Range part in value.AsSpan().Split(','))
        {
            ReadOnlySpan<char> option = value.AsSpan(part).Trim(" \t");
            if (option.Equals("close", StringComparison.OrdinalIgnoreCase))
            {
                KeepsAlive = false;
            }
            else if (option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase))
            {
                KeepsAlive |= !_isHttp11;
            }
            else
            {
                foreach (ref ResponseField field in _fields.AsSpan(0, _count))
                {
                    if (field.Kind == ResponseFieldKind.EndToEnd && option.Equals(field.Name, StringComparison.OrdinalIgnoreCase))
                    {
                        field.Drop();
                    }
                }
            }
        }
    }
}
