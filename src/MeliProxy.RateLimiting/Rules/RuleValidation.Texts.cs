using System.Buffers;
using System.Net;
using MeliProxy.RateLimiting.Keys;

namespace MeliProxy.RateLimiting.Rules;

/// <content>Time zones, charges, queues and lists.</content>
internal static partial class RuleValidation
{
    private const int MaxChargeNameLength = 64;

    private static readonly SearchValues<char> ChargeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    private static readonly SearchValues<char> TimeZoneCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-");

    private static void ValidateTimeZone(RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        if (rule.TimeZone is not { } name)
        {
            return;
        }

        if (rule.Calendar is null)
        {
            errors.Add(new RuleError($"{path}.timeZone", "only a calendar has a time zone"));
        }

        // Names are looked up as files, so what is no name at all is not looked up.
        else if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || name.AsSpan().ContainsAnyExcept(TimeZoneCharacters))
        {
            errors.Add(new RuleError($"{path}.timeZone", "must be the IANA name of a time zone, such as \"America/Sao_Paulo\" or \"UTC\""));
        }
        else if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone) || !zone.HasIanaId)
        {
            errors.Add(new RuleError(
                $"{path}.timeZone",
                $"'{name}' is not found in the IANA time zone database of this machine, which has to be installed (package tzdata)"));
        }
    }

    private static void ValidateCharge(RateLimitRule rule, string path, ICollection<RuleError> errors)
    {
        if (rule.Charge is not { } charge)
        {
            return;
        }

        if (rule.Algorithm == RateLimitAlgorithm.Concurrency)
        {
            errors.Add(new RuleError($"{path}.charge", "must be left out: permits of concurrency are given back, not charged"));
            return;
        }

        int colon = charge.IndexOf(':', StringComparison.Ordinal);
        ReadOnlySpan<char> name = colon < 0 ? charge : charge.AsSpan(0, colon);
        bool nameIsValid = name.Length is >= 1 and <= MaxChargeNameLength && !name.ContainsAnyExcept(ChargeCharacters);
        bool argumentIsValid = colon < 0
            || (colon < charge.Length - 1 && !charge.AsSpan(colon + 1).ContainsAnyExceptInRange('!', '~'));
        if (!nameIsValid || !argumentIsValid)
        {
            errors.Add(new RuleError(
                $"{path}.charge",
                $"must be a name of 1 to {MaxChargeNameLength} characters of a-z, 0-9 and '-', "
                    + "which ':' and visible ASCII characters may follow"));
        }
    }

    private static void ValidateQueue(RuleQueue? queue, string path, ICollection<RuleError> errors)
    {
        if (queue is null)
        {
            return;
        }

        if (queue.Limit is < 1 or > RuleQueue.MaxLimit)
        {
            errors.Add(new RuleError($"{path}.limit", $"must be from 1 to {RuleQueue.MaxLimit}"));
        }

        if (queue.MaxWait < TimeSpan.FromMilliseconds(1) || queue.MaxWait > RuleQueue.LongestMaxWait
            || queue.MaxWait.Ticks % TimeSpan.TicksPerMillisecond != 0)
        {
            errors.Add(new RuleError(
                $"{path}.maxWait", $"must be from 1ms to {DurationText.Format(RuleQueue.LongestMaxWait)}, in whole milliseconds"));
        }
    }

    /// <summary>An address with a slash that is no network, as its length is too long. It would never be found.</summary>
    private static bool IsBrokenNetwork(ReadOnlySpan<char> value)
    {
        int slash = value.IndexOf('/');
        return slash >= 0
            && (AddressBits.TryParseIPv4(value[..slash], out _) || AddressBits.TryParseIPv6(value[..slash], out _))
            && !IPNetwork.TryParse(value, out _);
    }

    /// <summary>Checks a list of <c>part=value</c>. Whether there is such a part is known only to the limiter.</summary>
    private static void ValidateEntries(IReadOnlyList<string> entries, string path, ICollection<RuleError> errors)
    {
        if (entries is not { Count: <= RateLimitRule.MaxListEntries })
        {
            errors.Add(new RuleError(path, $"must be a list of at most {RateLimitRule.MaxListEntries} entries"));
            return;
        }

        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i] is not { } entry || entry.IndexOf('=', StringComparison.Ordinal) < 1)
            {
                errors.Add(new RuleError($"{path}[{i}]", "must be a key part, '=' and a value, such as \"client-ip=10.0.0.0/8\""));
            }
            else if (IsBrokenNetwork(entry.AsSpan(entry.IndexOf('=', StringComparison.Ordinal) + 1)))
            {
                errors.Add(new RuleError(
                    $"{path}[{i}]", $"'{entry}' looks like a network and is none; one is written as in 10.0.0.0/8"));
            }
            else if (!seen.TryAdd(entry, i))
            {
                errors.Add(new RuleError($"{path}[{i}]", $"'{entry}' is already in the list, at [{seen[entry]}]"));
            }
        }
    }
}
