using MeliProxy.RateLimiting.Usage;
using Microsoft.Extensions.ObjectPool;
using Yarp.ReverseProxy.Model;

namespace MeliProxy.Sidecar.Usage;

/// <summary>Records each request that comes to the proxy, once, however it ends.</summary>
internal sealed class TrafficMiddleware(TrafficRecorder recorder, TimeProvider time)
{
    /// <summary>The route of requests that came to none, such as those over quota.</summary>
    public const string NoRoute = "none";

    private readonly ObjectPool<TrafficExchange> _exchanges = ObjectPool.Create<TrafficExchange>();
    private readonly RecordedRoute _none = recorder.Route(NoRoute);

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        recorder.Begin();
        TrafficExchange exchange = _exchanges.Get();
        exchange.Begin(context, time);
        Task serving;
        try
        {
            serving = next(context);
        }
        catch (Exception e)
        {
            End(context, exchange, e);
            throw;
        }

        if (!serving.IsCompletedSuccessfully)
        {
            return EndAsync(context, exchange, serving);
        }

        End(context, exchange, failure: null);
        return serving;
    }

    private async Task EndAsync(HttpContext context, TrafficExchange exchange, Task serving)
    {
        try
        {
            await serving;
        }
        catch (Exception e)
        {
            End(context, exchange, e);
            throw;
        }

        End(context, exchange, failure: null);
    }

    private void End(HttpContext context, TrafficExchange exchange, Exception? failure)
    {
        RecordedRoute route = (exchange.RouteId ?? context.Features.Get<IReverseProxyFeature>()?.Route.Config.RouteId) is { } name
            ? recorder.Route(name)
            : _none;
        exchange.End(route, ClassOf(context, failure), time);
        recorder.End();
        if (failure is null && exchange.IsReusable)
        {
            _exchanges.Return(exchange);
        }
    }

    /// <summary>The first digit of the status that was sent; 0 if none was.</summary>
    private static int ClassOf(HttpContext context, Exception? failure)
    {
        if (context.Response.HasStarted)
        {
            return context.Response.StatusCode / 100;
        }

        // An answer without a body is sent after this, but not to one who has gone.
        return context.RequestAborted.IsCancellationRequested ? 0
            : failure is BadHttpRequestException bad ? bad.StatusCode / 100
            : failure is not null ? StatusCodes.Status500InternalServerError / 100
            : context.Response.StatusCode / 100;
    }
}
