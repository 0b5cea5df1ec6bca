using System.Buffers.Text;
using System.Text;

namespace MeliProxy.ControlBench;

/// <summary>What an answer says of a rule in <c>RateLimit-Policy</c> and <c>RateLimit</c>.</summary>
public sealed class QuotaFields(string rule)
{
    private readonly byte[] _limit = Encoding.ASCII.GetBytes($"RateLimit-Policy: \"{rule}\";q=");
    private readonly byte[] _remaining = Encoding.ASCII.GetBytes($"RateLimit: \"{rule}\";r=");

    /// <summary>The limit; -1 if the answer does not tell.</summary>
    public long Limit(ReadOnlySpan<byte> answer) => Number(answer, _limit);

    /// <summary>The permits that are left; -1 if the answer does not tell.</summary>
    public long Remaining(ReadOnlySpan<byte> answer) => Number(answer, _remaining);

    private static long Number(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> field)
    {
        int at = answer.IndexOf(field);
        return at >= 0 && Utf8Parser.TryParse(answer[(at + field.Length)..], out long value, out _) ? value : -1;
    }
}
