using System.IO.Pipelines;
using MeliProxy.Sidecar.Usage;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace MeliProxy.Sidecar.Forwarding.Direct;

/// <summary>Sends a request over a pooled connection and relays the answer.</summary>
/// <remarks>
/// <code>
/// (1) take an idle connection, or make one
/// (2) begin to read: an idle connection that has been closed
///     says so now, before anything is sent                              proxy ◀── upstream
/// (3) send the head, and the body, which may go on beside (4)  client ──▶ proxy ──▶ upstream
/// (4) read the answer and relay it                             client ◀── proxy ◀── upstream
/// (5) give the connection back, if nothing is left on it
/// </code>
/// </remarks>
internal sealed class DirectExchange(RequestHead heads, TimeProvider time, ForwardingCounts counts)
{
    /// <summary>Forwards a request.</summary>
    /// <param name="context">It.</param>
    /// <param name="target">Its target.</param>
    /// <param name="route">The route it takes.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="report">Told if that fails; the client is to be answered then, unless its answer has begun and was broken off.</param>
    public async Task RunAsync(
        HttpContext context, string target, DirectRoute route, DirectDestination destination, Func<HttpContext, DirectFailure, Task> report)
    {
        TrafficExchange? traffic = context.Features.Get<TrafficExchange>();
        traffic?.Take(route.RouteId);
        UpstreamPool pool = destination.Pool;
        UpstreamConnection? connection = null;
        ValueTask sending = default;
        UpstreamFaultException? failure = null;
        bool isClean = false;
        bool isSending = false;
        destination.Begin();
        try
        {
            bool hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };
            RequestFraming framing = FramingOf(context.Request, hasBody);
            CancellationToken clientLeft = ClientLeft(context);
            bool mayRepeat = !hasBody && IsIdempotent(context.Request.Method);
            int received = 0;
            while (received == 0)
            {
                traffic?.Forward(time);
                connection = pool.TryTake() ?? await pool.ConnectAsync(clientLeft);
                connection.Begin(context, route.Patience, clientLeft);
                bool isReused = connection.IsUsed;
                if (!(connection.BeginReading(mustKnow: isReused && !mayRepeat) && isReused))
                {
                    heads.Write(connection.Out, context, target, destination, route.Forwarded, framing);
                    if (hasBody)
                    {
                        isSending = true;
                        PipeReader body = context.Request.BodyReader;
                        connection.BeginSending(body);
                        sending = RequestBody.SendAsync(connection, body, framing == RequestFraming.Chunked, traffic);
                        received = await connection.ReadAsync();
                    }
                    else
                    {
                        try
                        {
                            await connection.WriteAsync(connection.Out.Written);
                            received = await connection.ReadAsync();
                        }
                        catch (Exception e) when (e is IOException && mayRepeat && isReused && connection.BrokenOffBy is null)
                        {
                            // It was closed just now; another will do.
                        }
                    }

                    if (received == 0 && !(mayRepeat && isReused))
                    {
                        throw new UpstreamFaultException(UpstreamFault.ClosedBeforeAnswer);
                    }
                }

                if (received == 0)
                {
                    counts.Stale.Increment();
                    connection.TryEnd();
                    pool.Discard(connection);
                    connection = null;
                }
            }

            connection!.Received(received);
            await ResponseRelay.RunAsync(context, connection, traffic, time);
            isClean = connection.Head.KeepsAlive;
            if (isSending && !sending.IsCompleted)
            {
                // The client has all of its answer then, while the upstream may still take the rest of its request.
                await context.Response.CompleteAsync();
            }
        }
        catch (Exception e) when (e is UpstreamFaultException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            failure = e as UpstreamFaultException ?? new UpstreamFaultException(
                connection is { IsAnswered: true } ? UpstreamFault.ClosedInBody : UpstreamFault.ClosedBeforeAnswer, e);
        }
        finally
        {
            destination.End();
            if (connection is not null)
            {
                if (isSending)
                {
                    UpstreamFaultException? unsent = await FinishSendingAsync(connection, sending, hasAnswered: failure is null);
                    isClean &= unsent is null && !connection.HasStoppedSending;
                    failure = failure is null ? null : unsent ?? failure;
                }

                Settle(pool, connection, isClean && failure is null);
            }
        }

        if (failure is not null)
        {
            await FailAsync(context, connection, failure, destination, report);
        }
    }

    /// <summary>Cancelled when the client has left. One token for all requests of a connection, where it has one request at a time.</summary>
    private static CancellationToken ClientLeft(HttpContext context) =>
        !HttpProtocol.IsHttp2(context.Request.Protocol) && context.Features.Get<IConnectionLifetimeFeature>() is { } connection
            ? connection.ConnectionClosed
            : context.RequestAborted;

    /// <summary>Where a body is not expected, its absence is not told; elsewhere it is.</summary>
    private static RequestFraming FramingOf(HttpRequest request, bool hasBody)
    {
        if (hasBody)
        {
            return request.ContentLength is null || request.Headers.TransferEncoding.Count > 0 ? RequestFraming.Chunked : RequestFraming.Length;
        }

        string method = request.Method;
        return request.ContentLength is not null || !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsDelete(method)
                || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method))
            ? RequestFraming.Length
            : RequestFraming.None;
    }

    /// <summary>Whether asking twice is as good as asking once (RFC 9110, section 9.2.2).</summary>
    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method)
        || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    /// <summary>Waits until no more of the request is sent.</summary>
    /// <returns>Why it could not all be sent; <see langword="null"/> if it was, or if it was given up here.</returns>
    private static async ValueTask<UpstreamFaultException?> FinishSendingAsync(UpstreamConnection connection, ValueTask sending, bool hasAnswered)
    {
        if (!sending.IsCompleted
            && !(hasAnswered && connection.Head.KeepsAlive && connection.Head.StatusCode < StatusCodes.Status400BadRequest))
        {
            // The upstream is gone, or has answered and takes or wants no more of it; what is being written would wait for that.
            connection.StopSending();
            connection.Close();
        }

        try
        {
            await sending;
            return null;
        }
        catch (UpstreamFaultException e)
        {
            bool isGivenUp = e.InnerException is OperationCanceledException
                || (connection.HasStoppedSending && e.Fault == UpstreamFault.RequestNotTaken);
            return isGivenUp ? null : e;
        }
        catch (Exception e)
        {
            return new UpstreamFaultException(UpstreamFault.RequestBodyFailed, e);
        }
    }

    private void Settle(UpstreamPool pool, UpstreamConnection connection, bool isClean)
    {
        bool hasSurplus = isClean && connection.Unread.Length > 0;
        if (hasSurplus)
        {
            counts.Add(UpstreamFault.SurplusBytes);
        }

        if (connection.TryEnd() && isClean && !hasSurplus)
        {
            pool.GiveBack(connection);
        }
        else
        {
            pool.Discard(connection);
        }
    }

    private async Task FailAsync(
        HttpContext context,
        UpstreamConnection? connection,
        UpstreamFaultException failure,
        DirectDestination destination,
        Func<HttpContext, DirectFailure, Task> report)
    {
        if (connection?.BrokenOffBy is { } fault && failure.Fault != fault)
        {
            failure = new UpstreamFaultException(fault, failure);
        }

        counts.Add(failure.Fault);
        if (context.Response.HasStarted)
        {
            BreakOff(context, failure.Fault);
        }
        else if (connection is { IsAnswered: true })
        {
            context.Response.Clear();
        }

        DirectFailure told = new(failure, connection is { IsAnswered: true }, destination.Address);
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = told.StatusCode;
        }

        await report(context, told);
    }

    /// <summary>Lets a client that has a part of an answer know that it is not all.</summary>
    private static void BreakOff(HttpContext context, UpstreamFault fault)
    {
        const int InternalError = 2;
        const int Cancel = 8;
        if (context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            stream.Reset(fault == UpstreamFault.ClientLeft ? Cancel : InternalError);
        }
        else
        {
            context.Abort();
        }
    }
}
