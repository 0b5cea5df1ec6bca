using System.Buffers;
using System.Text.Unicode;

namespace MeliProxy.RateLimiting.InfluxDB.LineProtocol;

/// <summary>Text to UTF-8 without the replacement buffers that <see cref="System.Text.Encoding"/> allocates for lone surrogates.</summary>
internal static class Utf8Text
{
    private const int MaxBytesPerChar = 3;

    /// <summary>Writes the text; lone surrogates become U+FFFD.</summary>
    public static void Write(ReadOnlySpan<char> text, IBufferWriter<byte> output)
    {
        if (text.IsEmpty)
        {
            return;
        }

        Utf8.FromUtf16(text, output.GetSpan(checked(text.Length * MaxBytesPerChar)), out _, out int written);
        output.Advance(written);
    }
}
