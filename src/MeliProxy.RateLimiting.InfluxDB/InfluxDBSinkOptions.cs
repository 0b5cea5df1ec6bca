using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeliProxy.RateLimiting.InfluxDB;

/// <summary>Where an <see cref="InfluxDBUsageSink"/> writes, and how.</summary>
public sealed record InfluxDBSinkOptions
{
    /// <summary>
    /// The server, such as <c>http://127.0.0.1:8086</c>; a path is kept in front of that of the API. Without user, query and fragment.
    /// </summary>
    public required Uri Url { get; init; }

    /// <summary>
    /// The database, for the API of InfluxDB 1.x (<c>/write</c>), which 2.x, 3.x and VictoriaMetrics take too. It has to exist. Either this or
    /// <see cref="Bucket"/>.
    /// </summary>
    public string? Database { get; init; }

    /// <summary>The retention policy of the database. Default: the database's own.</summary>
    public string? RetentionPolicy { get; init; }

    /// <summary>The user, which goes into the <c>Authorization</c> header and never into the URL. Default: none.</summary>
    public string? User { get; init; }

    /// <summary>The user's password.</summary>
    public string? Password { get; init; }

    /// <summary>The organization that the bucket belongs to, by name or id. InfluxDB 2.x asks for it.</summary>
    public string? Org { get; init; }

    /// <summary>The bucket, for the API of InfluxDB 2.x (<c>/api/v2/write</c>), which 3.x takes too. Either this or <see cref="Database"/>.</summary>
    public string? Bucket { get; init; }

    /// <summary>The token, in place of user and password. Default: none.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Whether requests of 1 KB or more are compressed. Default: <see langword="true"/>. With a server that answers 415 to it, requests are sent
    /// again as they are, and so are all later ones.
    /// </summary>
    public bool Gzip { get; init; } = true;

    /// <summary>The most points in a request. Default: 1,000.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>The least time from one request to the next, unless there are points for a full one. Default: 1 second.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A random time of up to this is waited before a request, so that many processes do not send at the same moment. Default: zero.
    /// </summary>
    public TimeSpan JitterInterval { get; init; }

    /// <summary>The first delay after a request that failed and is tried again. Default: 5 seconds.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>By how much each further delay is longer. Default: 2.</summary>
    public int ExponentialBase { get; init; } = 2;

    /// <summary>
    /// The longest delay, also where the server asks for a longer one in <c>Retry-After</c>. Default: 125 seconds. Of each delay, a random part
    /// of up to a half is left out.
    /// </summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(125);

    /// <summary>
    /// How often a request is tried again that the server answers with an error of its own, such as 500, before the snapshots in it are sent
    /// one by one to find out whether one of them causes it: one that is refused while the next is taken is dropped. Default: 5. Requests that
    /// get no answer, or 429, 502, 503 or 504, are tried again for as long as <see cref="MaxBufferedSnapshots"/> has room.
    /// </summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>How long a request may take. Default: 10 seconds.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many snapshots are kept for a server that cannot take them; then the oldest are dropped. Default: 600, which is ten minutes.
    /// </summary>
    public int MaxBufferedSnapshots { get; init; } = 600;

    /// <summary>How long <see cref="InfluxDBUsageSink.DisposeAsync"/> tries to send what is left. Default: 5 seconds.</summary>
    public TimeSpan DisposeTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What is written of keys. Default: <see cref="InfluxDBKeyText.Plain"/>.</summary>
    public InfluxDBKeyText KeyText { get; init; }

    /// <summary>The secret of <see cref="InfluxDBKeyText.Hmac"/>, of 16 characters or more, the same in all processes.</summary>
    public string? KeySecret { get; init; }

    /// <summary>
    /// Tags of all points, such as the name of a data center. Not <c>node</c>, <c>rule</c>, <c>mode</c>, <c>route</c>, <c>class</c>, <c>rank</c>
    /// and <c>time</c>. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it logs. Default: nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>The clock of delays. Default: <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The source of random times; the sink uses it from one thread at a time.</summary>
    public Random Random { get; init; } = new();

    /// <summary>The server's address; secrets are not shown.</summary>
    public override string ToString() => $"InfluxDB at {Url}";
}
