using System.Globalization;
using MeliProxy.RateLimiting.Leasing;
using NATS.Client.JetStream.Models;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>What makes a bucket of no use that others have made, so that it is told before all that is written there fails.</summary>
internal static class BucketDefect
{
    private const int HeaderRoom = 1_024;
    private const int LeastBytes = 4 * QuotaSharing.MaxValueLength;

    private static readonly string[] SomeKeys = ["secret", "shard.0", "ledger.0.0"];

    /// <summary>The first defect, in words; <see langword="null"/> if there is none.</summary>
    public static string? Of(StreamConfig stream, string bucket)
    {
        if (!Array.TrueForAll(SomeKeys, key => stream.Subjects?.Any(subject => Covers(subject, $"$KV.{bucket}.{key}")) == true))
        {
            return $"its stream does not have the subjects $KV.{bucket}.>";
        }

        if (stream.Sealed)
        {
            return "its stream is sealed";
        }

        if (stream.NoAck)
        {
            return "its stream acknowledges nothing: no_ack is set";
        }

        if (stream.MaxAge > TimeSpan.Zero)
        {
            return "its stream forgets what is old: max_age is set";
        }

        bool isLimited = stream.MaxMsgs > 0 || stream.MaxBytes > 0;
        if (isLimited && stream.Discard == StreamConfigDiscard.Old)
        {
            return "its stream forgets what is old: it has a limit and discards old messages";
        }

        if (stream.MaxBytes is > 0 and < LeastBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"its stream holds {stream.MaxBytes} bytes; give it at least {LeastBytes}");
        }

        return stream.MaxMsgSize is > 0 and < QuotaSharing.MaxValueLength + HeaderRoom
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"its stream takes messages of {stream.MaxMsgSize} bytes; it has to take {QuotaSharing.MaxValueLength + HeaderRoom}")
            : null;
    }

    /// <summary>Whether a subject, with wildcards perhaps, has another within it that has none.</summary>
    private static bool Covers(string subject, string other)
    {
        string[] tokens = subject.Split('.');
        string[] others = other.Split('.');
        for (int i = 0; i < others.Length; i++)
        {
            if (i < tokens.Length && tokens[i] == ">")
            {
                return true;
            }

            if (i >= tokens.Length || (tokens[i] != "*" && tokens[i] != others[i]))
            {
                return false;
            }
        }

        return tokens.Length == others.Length;
    }
}
