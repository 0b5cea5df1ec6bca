using System.Buffers;

namespace MeliProxy.RateLimiting.InfluxDB.LineProtocol;

/// <summary>How one of the unquoted places of a line (measurement, tag key, tag value, field key) is escaped.</summary>
/// <remarks>
/// A backslash has no escape of its own there: it is a plain character, except directly before a character that the
/// server unescapes. Writing it there anyway is not merely ambiguous: InfluxDB 1.x splits a request into lines with one
/// reading of <c>\\,</c> and parses the line with another, so that one such value can take the following lines with it.
/// So a backslash in that position, or at the end of the text, becomes U+FF3C, which looks the same and is harmless.
/// </remarks>
internal sealed class NameEscaping
{
    /// <summary>Measurements: the equals sign needs no escape, yet servers unescape it and the double quote.</summary>
    public static readonly NameEscaping Measurement = new(escaped: " ,", unescapedByServer: " ,=\"");

    /// <summary>Tag keys and tag values.</summary>
    public static readonly NameEscaping Tag = new(escaped: " ,=", unescapedByServer: " ,=");

    /// <summary>Field keys: the double quote needs no escape, yet servers unescape it.</summary>
    public static readonly NameEscaping FieldKey = new(escaped: " ,=", unescapedByServer: " ,=\"");

    private readonly SearchValues<char> _special;
    private readonly string _escaped;
    private readonly string _unescapedByServer;

    private NameEscaping(string escaped, string unescapedByServer)
    {
        _escaped = escaped;
        _unescapedByServer = unescapedByServer;
        _special = SearchValues.Create(escaped + "\\\n\r\t\0");
    }

    /// <summary>Writes the text as UTF-8; lone surrogates become U+FFFD.</summary>
    public void Write(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        while (true)
        {
            int plain = text.IndexOfAny(_special);
            if (plain < 0)
            {
                Utf8Text.Write(text, output);
                return;
            }

            Utf8Text.Write(text[..plain], output);
            char special = text[plain];
            text = text[(plain + 1)..];
            switch (special)
            {
                // A raw newline ends the line, and servers skip tabs and NULs before a name; official clients write these too.
                case '\n':
                    output.Write("\\n"u8);
                    break;
                case '\r':
                    output.Write("\\r"u8);
                    break;
                case '\t':
                    output.Write("\\t"u8);
                    break;
                case '\0':
                    output.Write("\\0"u8);
                    break;
                case '\\' when text.IsEmpty || _unescapedByServer.Contains(text[0], StringComparison.Ordinal):
                    output.Write("\uFF3C"u8);
                    break;
                default:
                    if (_escaped.Contains(special, StringComparison.Ordinal))
                    {
                        output.Write("\\"u8);
                    }

                    output.Write([(byte)special]);
                    break;
            }
        }
    }
}
