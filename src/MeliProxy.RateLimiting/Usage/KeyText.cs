using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Usage;

/// <summary>The text of a key as <see cref="Keys.PartitionKeyWriter"/> writes it: each part with its length behind it.</summary>
internal static class KeyText
{
    /// <summary>The most characters of a key that are kept.</summary>
    public const int MaxLength = 256;

    private const char Ellipsis = '…';

    /// <summary>The most characters of a text that is cut, with the lengths of its parts.</summary>
    public const int MaxCutLength = MaxLength + RateLimitRule.MaxKeyParts;

    /// <summary>Whether a text is longer than what is kept.</summary>
    public static bool IsTooLong(ReadOnlySpan<char> text, int parts) => text.Length - parts > MaxLength;

    /// <summary>Cuts the parts of a text that is too long to equal shares of the room.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parts">How many parts it has.</param>
    /// <param name="room">Takes the shorter text, of <see cref="MaxCutLength"/> at most.</param>
    /// <returns>Its length.</returns>
    public static int Cut(ReadOnlySpan<char> text, int parts, Span<char> room)
    {
        // Lengths are behind the parts, so both texts are walked from the end.
        int share = MaxLength / parts;
        int start = room.Length;
        for (int i = 0; i < parts; i++)
        {
            int length = text[^1];
            ReadOnlySpan<char> part = text.Slice(text.Length - 1 - length, length);
            text = text[..^(length + 1)];
            int kept = length <= share ? length : LengthBeforeEllipsis(part, share);
            int whole = length <= share ? length : kept + 1;
            start -= whole + 1;
            part[..kept].CopyTo(room[start..]);
            if (whole > kept)
            {
                room[start + kept] = Ellipsis;
            }

            room[start + whole] = (char)whole;
        }

        room[start..].CopyTo(room);
        return room.Length - start;
    }

    /// <summary>The parts.</summary>
    public static string[] Split(ReadOnlySpan<char> text, int parts)
    {
        string[] values = new string[parts];
        for (int i = parts - 1; i >= 0; i--)
        {
            int length = text[^1];
            values[i] = text.Slice(text.Length - 1 - length, length).ToString();
            text = text[..^(length + 1)];
        }

        return values;
    }

    /// <summary>No surrogate is left without its other half.</summary>
    private static int LengthBeforeEllipsis(ReadOnlySpan<char> part, int share) =>
        char.IsHighSurrogate(part[share - 2]) ? share - 2 : share - 1;
}
