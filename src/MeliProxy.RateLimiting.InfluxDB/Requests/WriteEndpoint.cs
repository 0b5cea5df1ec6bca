using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MeliProxy.RateLimiting.InfluxDB.LineProtocol;

namespace MeliProxy.RateLimiting.InfluxDB.Requests;

/// <summary>Where a server takes points. Requests may be under way at the same time.</summary>
internal sealed class WriteEndpoint : IDisposable
{
    private const int LeastCompressed = 1024;
    private const int MostOfAnswer = 8 * 1024;
    private const int MostOfHeadersInKilobytes = 16;

    private readonly HttpClient _client;
    private readonly Uri _uri;
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly WriteAnswers _answers;
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private volatile bool _compresses;

    public WriteEndpoint(InfluxDBSinkOptions options)
    {
        _uri = UriOf(options);
        _authorization = AuthorizationOf(options);
        _answers = new WriteAnswers(options);
        _time = options.TimeProvider;
        _timeout = options.RequestTimeout;
        _compresses = options.Gzip;
        string place = options.Bucket is { } bucket ? $"bucket {bucket}" : $"database {options.Database}";
        Description = $"{options.Url.Scheme}://{options.Url.Authority}, {place}";
        _client = new HttpClient(new SocketsHttpHandler
        {
            // Another server is not to get the credentials.
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxResponseHeadersLength = MostOfHeadersInKilobytes,
            MaxResponseDrainSize = MostOfAnswer,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),

            // What the sink does is no part of the program's traces.
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>The server and what of it is written to, for people.</summary>
    public string Description { get; }

    /// <summary>Sends lines.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<WriteAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(_timeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            bool isCompressed = _compresses && lines.Length >= LeastCompressed;
            WriteAnswer? answer = await SendAsync(lines, isCompressed, either.Token);
            if (answer is null)
            {
                _compresses = false;
                answer = await SendAsync(lines, isCompressed: false, either.Token);
            }

            return answer!.Value;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WriteAnswer(WriteOutcome.Unavailable, $"no answer within {_timeout.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new WriteAnswer(WriteOutcome.Unavailable, _answers.ReasonOf(e));
        }
    }

    public void Dispose() => _client.Dispose();

    /// <returns>The answer; <see langword="null"/> if the server does not take compressed requests.</returns>
    private async Task<WriteAnswer?> SendAsync(ReadOnlyMemory<byte> lines, bool isCompressed, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, _uri);
        request.Content = new ReadOnlyMemoryContent(isCompressed ? Compress(lines.Span) : lines);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        if (isCompressed)
        {
            request.Content.Headers.ContentEncoding.Add("gzip");
        }

        request.Headers.Authorization = _authorization;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("MeliProxy", null));
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.UnsupportedMediaType && isCompressed)
        {
            return null;
        }

        return _answers.Read(response, await ReadBodyAsync(response, cancellationToken));
    }

    /// <summary>Reads what is worth reading; a server that goes on is cut off.</summary>
    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return default;
        }

        byte[] body = new byte[MostOfAnswer];
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        int length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
        return body.AsMemory(0, length);
    }

    private static byte[] Compress(ReadOnlySpan<byte> lines)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(lines);
        }

        return compressed.ToArray();
    }

    private static Uri UriOf(InfluxDBSinkOptions options)
    {
        StringBuilder query = new();
        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        Add("db", options.Database);
        Add("rp", options.RetentionPolicy);
        Add("org", options.Org);
        Add("bucket", options.Bucket);
        Add("precision", TimestampPrecision.Milliseconds.ToWriteParameter());
        string path = options.Bucket is null ? "/write" : "/api/v2/write";
        return new Uri($"{options.Url.GetLeftPart(UriPartial.Path).TrimEnd('/')}{path}{query}");
    }

    private static AuthenticationHeaderValue? AuthorizationOf(InfluxDBSinkOptions options) => options switch
    {
        { Token: { } token } => new AuthenticationHeaderValue("Token", token),
        { User: { } user } => new AuthenticationHeaderValue(
            "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{options.Password}"))),
        _ => null,
    };
}
