using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;

namespace MeliProxy.Sidecar.Telemetry;

/// <summary>Carries what is exported to the collector, and tells when it stops or starts to arrive: once, not each time.</summary>
internal sealed partial class CollectorLink : DelegatingHandler
{
    private readonly string _signal;
    private readonly Uri _collector;
    private readonly ILogger _logger;
    private bool _isBroken;

    /// <param name="signal">What is carried, for people.</param>
    /// <param name="collector">Where to.</param>
    /// <param name="logger">Told of changes.</param>
    public CollectorLink(string signal, Uri collector, ILogger logger)
        : base(new SocketsHttpHandler
        {
            // The export of traces is not traced itself.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
        })
    {
        _signal = signal;
        _collector = collector;
        _logger = logger;
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = base.Send(request, cancellationToken);
#pragma warning disable RS0030 // On the exporter's own thread, which has no asynchronous way.
            response.Content.LoadIntoBufferAsync(cancellationToken).GetAwaiter().GetResult();
#pragma warning restore RS0030
            Tell(ProblemOf(response));
            return response;
        }
        catch (Exception e)
        {
            Tell(ProblemOf(e));
            throw;
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            Tell(ProblemOf(response));
            return response;
        }
        catch (Exception e)
        {
            Tell(ProblemOf(e));
            throw;
        }
    }

    private void Tell(string? problem)
    {
        // One thread exports at a time, and a line too many would do no harm.
        if (_isBroken == problem is not null)
        {
            return;
        }

        _isBroken = problem is not null;
        if (problem is not null)
        {
            LogBroken(_signal, _collector, problem);
        }
        else
        {
            LogMended(_signal, _collector);
        }
    }

    /// <summary>gRPC says in a header what went wrong: among the first if there is no answer, else after it.</summary>
    private static string? ProblemOf(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it answers {(int)response.StatusCode}");
        }

        return response.Headers.TryGetValues("grpc-status", out IEnumerable<string>? status)
            || response.TrailingHeaders.TryGetValues("grpc-status", out status)
                ? status.FirstOrDefault() is { } code && code != "0" ? $"it answers with the gRPC status {PrintableText.Of(code)}" : null
                : null;
    }

    private static string ProblemOf(Exception exception) => exception switch
    {
        OperationCanceledException or TimeoutException => "it does not answer in time",
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => "it refuses connections",
        { InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } } =>
            "its name has no address",
        { InnerException: AuthenticationException } => "its certificate is not trusted",
        _ => exception.Message,
    };

    [LoggerMessage(300, LogLevel.Warning,
        "The OpenTelemetry collector at {Collector} does not take {Signal}: {Problem}. What it does not take is lost; requests are not held up")]
    private partial void LogBroken(string signal, Uri collector, string problem);

    [LoggerMessage(301, LogLevel.Information, "The OpenTelemetry collector at {Collector} takes {Signal} again")]
    private partial void LogMended(string signal, Uri collector);
}
