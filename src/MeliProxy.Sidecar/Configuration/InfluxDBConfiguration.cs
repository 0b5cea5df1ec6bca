using MeliProxy.RateLimiting.InfluxDB;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>An InfluxDB server.</summary>
/// <param name="Url">Its address.</param>
internal sealed record InfluxDBConfiguration(Uri Url)
{
    /// <summary>The database that is written to; <see langword="null"/> with <see cref="Bucket"/>.</summary>
    public string? Database { get; init; }

    public string? RetentionPolicy { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public string? Org { get; init; }

    /// <summary>The bucket that is written to, in place of a database.</summary>
    public string? Bucket { get; init; }

    public string? Token { get; init; }

    public bool Gzip { get; init; } = true;

    /// <summary>The most points in a request.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>The least time from one request to the next.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What is written of keys.</summary>
    public InfluxDBKeyText KeyText { get; init; }

    public string? KeySecret { get; init; }

    /// <summary>Tags of all points.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public bool Equals(InfluxDBConfiguration? other) =>
        other is not null
        && Url == other.Url
        && (Database, RetentionPolicy, User, Password, Org, Bucket, Token)
            == (other.Database, other.RetentionPolicy, other.User, other.Password, other.Org, other.Bucket, other.Token)
        && (Gzip, BatchSize, FlushInterval, KeyText, KeySecret)
            == (other.Gzip, other.BatchSize, other.FlushInterval, other.KeyText, other.KeySecret)
        && Tags.Count == other.Tags.Count
        && Tags.All(tag => other.Tags.TryGetValue(tag.Key, out string? value) && value == tag.Value);

    public override int GetHashCode() => HashCode.Combine(Url, Database, Bucket, Org, Tags.Count);

    /// <summary>Leaves secrets out.</summary>
    public override string ToString() => $"{nameof(InfluxDBConfiguration)} {{ {Url} }}";
}
