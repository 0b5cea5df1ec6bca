namespace MeliProxy.RateLimiting.InfluxDB;

/// <summary>Says what is wrong with options, before they are used.</summary>
internal static class InfluxDBSinkOptionsValidation
{
    private const int LeastKeySecret = 16;
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(1);
    private static readonly string[] OwnTags = ["node", "rule", "mode", "route", "class", "rank", "time"];

    /// <exception cref="ArgumentException">An option is not as its documentation says.</exception>
    public static void ThrowIfInvalid(InfluxDBSinkOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Check(options.Url is { IsAbsoluteUri: true, Scheme: "http" or "https" }, nameof(options.Url), "has to be an absolute http:// or https:// URL");
        Check(options.Url.UserInfo.Length == 0, nameof(options.Url), "must not hold a user or password; there are options for them");
        Check(options.Url is { Query: "", Fragment: "" }, nameof(options.Url), "must not have a query or fragment");
        Check(
            string.IsNullOrEmpty(options.Database) != string.IsNullOrEmpty(options.Bucket),
            nameof(options.Database), "or Bucket has to be given, and not both");
        Check(options.RetentionPolicy is null || options.Bucket is null, nameof(options.RetentionPolicy), "goes with Database; a bucket has its own");
        Check(options.Org is null || options.Bucket is not null, nameof(options.Org), "goes with Bucket");
        Check((options.User is null) == (options.Password is null), nameof(options.Password), "and User go together");
        Check(options.User?.Contains(':', StringComparison.Ordinal) != true, nameof(options.User), "cannot hold a colon");
        Check(options.Token is null || options.User is null, nameof(options.Token), "is given in place of User and Password");
        Check(options.Token?.Any(c => c is < '!' or > '~') != true, nameof(options.Token), "must have visible ASCII characters only");
        CheckRange(options.BatchSize, 1, 100_000, nameof(options.BatchSize));
        CheckRange(options.MaxRetries, 0, 1000, nameof(options.MaxRetries));
        CheckRange(options.ExponentialBase, 1, 10, nameof(options.ExponentialBase));
        CheckRange(options.MaxBufferedSnapshots, 1, 1_000_000, nameof(options.MaxBufferedSnapshots));
        CheckRange(options.FlushInterval, TimeSpan.Zero, nameof(options.FlushInterval));
        CheckRange(options.JitterInterval, TimeSpan.Zero, nameof(options.JitterInterval));
        CheckRange(options.RetryInterval, TimeSpan.FromMilliseconds(1), nameof(options.RetryInterval));
        CheckRange(options.MaxRetryDelay, options.RetryInterval, nameof(options.MaxRetryDelay));
        CheckRange(options.RequestTimeout, TimeSpan.FromMilliseconds(1), nameof(options.RequestTimeout));
        CheckRange(options.DisposeTimeout, TimeSpan.Zero, nameof(options.DisposeTimeout));
        Check(Enum.IsDefined(options.KeyText), nameof(options.KeyText), "is not a member of the enumeration");
        Check(
            options.KeyText != InfluxDBKeyText.Hmac || options.KeySecret?.Length >= LeastKeySecret,
            nameof(options.KeySecret), $"of {LeastKeySecret} characters or more has to be given with KeyText Hmac");
        foreach ((string key, string value) in options.Tags ?? throw Wrong(nameof(options.Tags), "must not be null"))
        {
            Check(!string.IsNullOrEmpty(key) && !string.IsNullOrEmpty(value), nameof(options.Tags), "must have names and values");
            Check(!OwnTags.Contains(key), nameof(options.Tags), $"must not hold '{key}', which points have already");
        }

        ArgumentNullException.ThrowIfNull(options.Loggers);
        ArgumentNullException.ThrowIfNull(options.TimeProvider);
        ArgumentNullException.ThrowIfNull(options.Random);
    }

    private static void CheckRange(int value, int least, int most, string option) =>
        Check(value >= least && value <= most, option, $"has to be from {least} to {most}");

    private static void CheckRange(TimeSpan value, TimeSpan least, string option) =>
        Check(value >= least && value <= LongestTime, option, $"has to be from {least} to {LongestTime}");

    private static void Check(bool condition, string option, string what)
    {
        if (!condition)
        {
            throw Wrong(option, what);
        }
    }

    private static ArgumentException Wrong(string option, string what) => new($"InfluxDBSinkOptions: {option} {what}.");
}
