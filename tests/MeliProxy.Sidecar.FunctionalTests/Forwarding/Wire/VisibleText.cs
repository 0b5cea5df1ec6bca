using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace MeliProxy.Sidecar.FunctionalTests.Forwarding.Wire;

/// <summary>Bytes as a person can read them: what is not visible ASCII is escaped, what is long is cut and told by length and hash.</summary>
internal static class VisibleText
{
    private const int Longest = 600;

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new("\"");
        foreach (byte b in bytes[..Math.Min(bytes.Length, Longest)])
        {
            text = b switch
            {
                (byte)'\r' => text.Append("\\r"),
                (byte)'\n' => text.Append("\\n"),
                (byte)'\\' => text.Append("\\\\"),
                >= (byte)' ' and <= (byte)'~' => text.Append((char)b),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}"),
            };
        }

        text.Append('"');
        return bytes.Length <= Longest
            ? text.ToString()
            : text.Append(CultureInfo.InvariantCulture, $"… {bytes.Length} B, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes)[..8])}").ToString();
    }

    public static string Of(string text) => Of(Encoding.Latin1.GetBytes(text));
}
