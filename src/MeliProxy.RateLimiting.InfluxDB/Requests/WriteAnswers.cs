using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace MeliProxy.RateLimiting.InfluxDB.Requests;

/// <summary>Tells from a server's answer what became of a request.</summary>
internal sealed partial class WriteAnswers(InfluxDBSinkOptions options)
{
    private const int InsufficientStorage = 507;

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly ServerText _text = new(options);

    /// <summary>Reads an answer.</summary>
    /// <param name="response">Its head.</param>
    /// <param name="body">The beginning of its body.</param>
    public WriteAnswer Read(HttpResponseMessage response, ReadOnlyMemory<byte> body)
    {
        int status = (int)response.StatusCode;
        string message = ServerText.MessageIn(body);
        string reason = ReasonOf(status, message);
        switch (status)
        {
            case >= 200 and < 300:
                // A page, such as that of another kind of server, stores nothing; neither does an error that is sent with 200.
                return body.Length == 0 || (ServerText.IsJson(body.Span) && message.Length == 0)
                    ? new WriteAnswer(WriteOutcome.Stored)
                    : Denied($"{reason}; that is no answer of an InfluxDB", "Check the URL");
            case 400 or 422:
                return message.Contains("partial write", StringComparison.Ordinal)
                    ? new WriteAnswer(WriteOutcome.PartlyStored, reason, RefusedIn(message))
                    : new WriteAnswer(WriteOutcome.Refused, reason);
            case 413:
                return new WriteAnswer(WriteOutcome.TooLarge, reason);
            case 408 or 425 or 429 or 502 or 503 or 504 or InsufficientStorage:
                return new WriteAnswer(WriteOutcome.Unavailable, reason, RetryAfter: RetryAfterOf(response.Headers.RetryAfter));
            case >= 500:
                return new WriteAnswer(WriteOutcome.Failed, reason, RetryAfter: RetryAfterOf(response.Headers.RetryAfter));
            case 401:
                return Denied(reason, "Set the user and password, or the token, that the server knows");
            case 403:
                return Denied(reason, $"Allow the user or token to write to the {Place}");
            case 404 when options.Bucket is not null && message.Contains("page not found", StringComparison.Ordinal):
                return Denied(reason, "The server may be an InfluxDB 1.x: give a database and no bucket");
            case 404 when options.Bucket is not null:
                return Denied(reason, "Create the bucket, or correct bucket, org and URL");
            case 404:
                return Denied(reason, $"Create the {Place} (CREATE DATABASE), or correct its name and the URL");
            case >= 300 and < 400:
                return Denied($"{reason}, a redirect, which is not followed{LocationOf(response.Headers.Location)}", "Correct the URL");
            default:
                return Denied(reason, "Check the URL and what is in front of the server");
        }
    }

    /// <summary>Why there was no answer, in words.</summary>
    public string ReasonOf(Exception exception) => _text.Readable(exception switch
    {
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => "connection refused",
        HttpRequestException { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound } } => "its name is not known",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: { } inner } =>
            $"no secure connection: {inner.Message}",
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => "its answer is no HTTP",
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => "its answer is too large",
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => "the connection ended without an answer",
        { InnerException: SocketException socket } => socket.Message,
        _ => exception.Message,
    });

    private string Place => options.Bucket is { } bucket ? $"bucket {bucket}" : $"database {options.Database}";

    private static WriteAnswer Denied(string reason, string advice) => new(WriteOutcome.Denied, $"{reason}. {advice}");

    private string ReasonOf(int status, string message)
    {
        // The name that belongs to the status, rather than what the server sent for one.
        using HttpResponseMessage known = new((HttpStatusCode)status);
        string name = string.Create(CultureInfo.InvariantCulture, $"{status} {known.ReasonPhrase}").TrimEnd();
        return message.Length == 0 ? name : $"{name}: {_text.Readable(message)}";
    }

    private string LocationOf(Uri? location) => location is null ? "" : $", to {_text.Readable(location.OriginalString.Split('?')[0])}";

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? header)
    {
        TimeSpan? after = header?.Delta ?? header?.Date - _time.GetUtcNow();
        return after > TimeSpan.Zero ? after : null;
    }

    /// <summary>
    /// How many points of a partial write are refused. InfluxDB 1.x and 2.x say how many they dropped, without those that they could not read,
    /// of which they show each; 3.x lists both.
    /// </summary>
    private static int RefusedIn(string message)
    {
        int unreadable = Unreadable().Count(message);
        Match dropped = Dropped().Match(message);
        long count = dropped.Success && long.TryParse(dropped.ValueSpan["dropped=".Length..], CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;
        return (int)Math.Clamp(count + unreadable, 1, int.MaxValue);
    }

    [GeneratedRegex("unable to parse '")]
    private static partial Regex Unreadable();

    [GeneratedRegex("dropped=[0-9]+")]
    private static partial Regex Dropped();
}
