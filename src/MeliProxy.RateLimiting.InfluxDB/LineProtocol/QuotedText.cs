using System.Buffers;

namespace MeliProxy.RateLimiting.InfluxDB.LineProtocol;

/// <summary>The value of a string field: between double quotes everything is representable, line breaks included.</summary>
internal static class QuotedText
{
    private static readonly SearchValues<char> Special = SearchValues.Create("\"\\");

    /// <summary>Writes the text in double quotes as UTF-8; lone surrogates become U+FFFD.</summary>
    public static void Write(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        for (int plain = text.IndexOfAny(Special); plain >= 0; plain = text.IndexOfAny(Special))
        {
            Utf8Text.Write(text[..plain], output);
            output.Write([(byte)'\\', (byte)text[plain]]);
            text = text[(plain + 1)..];
        }

        Utf8Text.Write(text, output);
        output.Write("\""u8);
    }
}
