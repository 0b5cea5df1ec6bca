using System.Globalization;
using System.Text;

namespace OutgoingHttp;

/// <summary>
/// Reads the headers of draft-ietf-httpapi-ratelimit-headers: a list of strings with parameters in the syntax of RFC 9651 (structured
/// fields), such as <c>"per-ip";r=3;t=1, "day";r=900;t=3600</c>.
/// </summary>
public sealed class RateLimitHeader
{
    private readonly string _text;
    private int _position;

    private RateLimitHeader(string text) => _text = text;

    /// <summary>Reads a header. As RFC 9651 asks, one that is malformed anywhere counts as absent: the list is empty then.</summary>
    public static IReadOnlyList<RateLimitItem> Read(string text)
    {
        RateLimitHeader header = new(text);
        List<RateLimitItem> items = [];
        do
        {
            header.SkipBlanks();
            if (header.ReadItem() is not { } item)
            {
                return [];
            }

            items.Add(item);
            header.SkipBlanks();
        }
        while (header.Skip(','));
        return header._position == text.Length ? items : [];
    }

    private RateLimitItem? ReadItem()
    {
        if (!TryReadString(out string name))
        {
            return null;
        }

        RateLimitItem item = new(name);
        while (Skip(';'))
        {
            SkipBlanks();
            string parameter = ReadWhile(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || "_-.*".Contains(c));
            long? number = null;
            if (parameter.Length == 0 || (Skip('=') && !TryReadValue(out number)))
            {
                return null;
            }

            item = parameter switch
            {
                "r" => item with { Remaining = number },
                "t" => item with { ResetSeconds = number },
                "q" => item with { Quota = number },
                "w" => item with { WindowSeconds = number },
                _ => item,
            };
        }

        return item;
    }

    /// <summary>Reads a value of any type, since parameters may be ones that this program does not know.</summary>
    private bool TryReadValue(out long? number)
    {
        number = null;
        if (At('"'))
        {
            return TryReadString(out _);
        }

        if (Skip(':'))
        {
            ReadWhile(c => char.IsAsciiLetterOrDigit(c) || "+/=".Contains(c));
            return Skip(':');
        }

        string text = ReadWhile(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~:/?@".Contains(c));

        // Integers have at most 15 digits, and none that counts here is negative.
        if (text.Length <= 15 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long integer))
        {
            number = integer;
        }

        return text.Length > 0;
    }

    private bool TryReadString(out string value)
    {
        StringBuilder text = new();
        bool opened = Skip('"');
        while (opened && _position < _text.Length && _text[_position] is >= ' ' and <= '~' and not '"')
        {
            if (Skip('\\') && !At('"') && !At('\\'))
            {
                break;
            }

            text.Append(_text[_position++]);
        }

        value = text.ToString();
        return opened && Skip('"');
    }

    private string ReadWhile(Predicate<char> belongs)
    {
        int start = _position;
        while (_position < _text.Length && belongs(_text[_position]))
        {
            _position++;
        }

        return _text[start.._position];
    }

    private void SkipBlanks() => ReadWhile(c => c is ' ' or '\t');

    private bool At(char c) => _position < _text.Length && _text[_position] == c;

    private bool Skip(char c)
    {
        bool found = At(c);
        _position += found ? 1 : 0;
        return found;
    }
}
