using System.Net.Sockets;
using System.Security.Authentication;
using MeliProxy.Sidecar.Forwarding.Direct;
using MeliProxy.Sidecar.Http;
using Microsoft.AspNetCore.Http.Timeouts;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Forwarding;

/// <summary>Answers with problem details (RFC 9457) where the upstream gave no answer.</summary>
internal sealed partial class UpstreamProblem
{
    private static readonly (int Status, string Title, string Reason) TooSlow =
        (StatusCodes.Status504GatewayTimeout, "Upstream too slow", "did not answer in time");

    private readonly ILogger<UpstreamProblem> _logger;

    public UpstreamProblem(ILogger<UpstreamProblem> logger) => _logger = logger;

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsConnect(context.Request.Method) && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            await Problem.WriteAsync(
                context, StatusCodes.Status405MethodNotAllowed, "Method not allowed", "CONNECT is for forward proxies, which this is not.");
            return;
        }

        await next(context);
        if (context.GetForwarderErrorFeature() is { } failure)
        {
            await ReportAsync(context, failure);
        }
        else if (context.GetEndpoint() is null && !context.Response.HasStarted && context.Response.StatusCode == StatusCodes.Status404NotFound)
        {
            await Problem.WriteAsync(context, StatusCodes.Status404NotFound, "No route", "No route of this proxy matches the request.");
        }
    }

    /// <summary>Answers a client whose request could not be forwarded, if it can still be answered, and logs why.</summary>
    public async Task ReportAsync(HttpContext context, IForwarderErrorFeature failure)
    {
        string upstream = (failure as DirectFailure)?.Upstream ?? context.Features.Get<IReverseProxyFeature>()?.ProxiedDestination?.Model.Config.Address ?? "the upstream";

        string error = failure is DirectFailure direct ? direct.Reason : failure.Error.ToString();
        if (IsOfClientThatLeft(context, failure))
        {
            LogClientLeft(context.Request.Method, context.Request.Path, error);
            return;
        }

        (int status, string title, string reason) = IsOverItsTime(context) ? TooSlow : Explain(context.Response.StatusCode, failure);
        LogFailed(context.Request.Method, context.Request.Path, upstream, reason, error);
        if (!context.Response.HasStarted)
        {
            await Problem.WriteAsync(context, status, title, $"{upstream} {reason}.");
        }
    }

    /// <summary>
    /// Of those that see a client's connection end, the exchange may be told before the request is; and a request is also told so when its answer
    /// is broken off from here.
    /// </summary>
    private static bool IsOfClientThatLeft(HttpContext context, IForwarderErrorFeature failure) => failure is not DirectFailure direct
        ? context.RequestAborted.IsCancellationRequested && !IsOverItsTime(context)
        : direct.Fault == UpstreamFault.ClientLeft
            || (direct.Fault == UpstreamFault.RequestBodyFailed && context.RequestAborted.IsCancellationRequested);

    /// <summary>Whether the time limit of the request's route is over, of which the request is told as if its client had left.</summary>
    private static bool IsOverItsTime(HttpContext context) =>
        context.Features.Get<IHttpRequestTimeoutFeature>() is { RequestTimeoutToken.IsCancellationRequested: true };

    private static (int Status, string Title, string Reason) Explain(int status, IForwarderErrorFeature failure) => failure.Error switch
    {
        ForwarderError.NoAvailableDestinations =>
            (StatusCodes.Status503ServiceUnavailable, "No upstream available", "has no destination that is healthy"),
        _ when failure is DirectFailure { IsAnswered: false } direct && Explain(direct.Fault) is { } explained => explained,
        ForwarderError.RequestTimedOut => TooSlow,
        _ when Cause<TimeoutException>(failure.Exception) is not null =>
            (StatusCodes.Status504GatewayTimeout, "Upstream too slow", "did not accept a connection in time"),
        ForwarderError.RequestBodyClient =>
            (status, "Request body incomplete", "could not be sent the request's body, which broke off"),
        ForwarderError.RequestBodyDestination =>
            (StatusCodes.Status502BadGateway, "Upstream failed", "stopped taking the request's body before it answered"),
        ForwarderError.Request or ForwarderError.ResponseHeaders or ForwarderError.RequestCanceled =>
            (StatusCodes.Status502BadGateway, "Upstream failed", Explain(failure.Exception)),
        _ => (StatusCodes.Status502BadGateway, "Upstream failed", "broke off the exchange"),
    };

    /// <summary>What only those know that went straight to the upstream.</summary>
    private static (int Status, string Title, string Reason)? Explain(UpstreamFault fault) => fault switch
    {
        UpstreamFault.ConnectTimeout =>
            (StatusCodes.Status504GatewayTimeout, "Upstream too slow", "did not accept a connection in time"),
        UpstreamFault.ClosedBeforeAnswer =>
            (StatusCodes.Status502BadGateway, "Upstream failed", "closed the connection before it answered"),
        UpstreamFault.HeadTooLarge =>
            (StatusCodes.Status502BadGateway, "Upstream failed", "sent more headers than are taken"),
        UpstreamFault.InvalidAnswer =>
            (StatusCodes.Status502BadGateway, "Upstream failed", "gave no valid HTTP answer"),
        UpstreamFault.RequestBodyStalled =>
            (StatusCodes.Status408RequestTimeout, "Request body incomplete", "could not be sent the request's body, of which nothing more came"),
        UpstreamFault.TlsFailed =>
            (StatusCodes.Status502BadGateway, "Upstream failed", "presented a certificate that is not trusted, or does not speak TLS"),
        _ => null,
    };

    private static string Explain(Exception? exception) => Cause<SocketException>(exception)?.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "refused the connection",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "has a name that could not be resolved",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "is not reachable on the network",
        SocketError.TooManyOpenSockets => "could not be connected to, as this process has no file descriptors left",
        SocketError.ConnectionReset => "closed the connection before it answered",
        _ when Cause<AuthenticationException>(exception) is not null => "presented a certificate that is not trusted, or does not speak TLS",
        _ when Cause<HttpRequestException>(exception) is { HttpRequestError: HttpRequestError.ResponseEnded } =>
            "closed the connection before it answered",
        _ when Cause<HttpRequestException>(exception) is { HttpRequestError: HttpRequestError.VersionNegotiationError } =>
            "does not speak the HTTP version that the request needs",
        _ => "gave no valid HTTP answer",
    };

    private static T? Cause<T>(Exception? exception)
        where T : Exception
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is T found)
            {
                return found;
            }
        }

        return null;
    }

    [LoggerMessage(200, LogLevel.Warning, "{Method} {Path}: {Upstream} {Reason} ({Error})")]
    private partial void LogFailed(string method, PathString path, string upstream, string reason, string error);

    [LoggerMessage(201, LogLevel.Debug, "{Method} {Path}: the client left ({Error})")]
    private partial void LogClientLeft(string method, PathString path, string error);
}
