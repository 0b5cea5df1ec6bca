using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace MeliProxy.RateLimiting.AspNetCore.Charges;

/// <summary>Measures what a request uses while it is served, as far as rules in force charge it, and charges it in the end.</summary>
internal sealed partial class HttpCharges(HttpContext context, RuleDemands demands) : IDisposable
{
    private IHttpResponseBodyFeature? _plainResponse;
    private CountingResponseBody? _response;
    private Stream? _plainRequest;
    private CountingStream? _request;

    public void Begin()
    {
        // What is written in answer to HEAD is not sent.
        if (demands.CountsResponseBytes && !HttpMethods.IsHead(context.Request.Method))
        {
            _plainResponse = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
            _response = new CountingResponseBody(_plainResponse);
            context.Features.Set<IHttpResponseBodyFeature>(_response);
        }

        // The server's reader of the body reads from this stream once it is another than its own.
        if (demands.CountsRequestBytes)
        {
            _plainRequest = context.Request.Body;
            _request = new CountingStream(_plainRequest);
            context.Request.Body = _request;
        }
    }

    public void Charge(in QuotaDecision decision, ILogger logger, LogThrottle throttle)
    {
        decision.Charge(RuleDemands.ResponseBytes, _response?.BytesWritten ?? 0);
        decision.Charge(RuleDemands.RequestBytes, _request?.BytesRead ?? 0);
        foreach ((string charge, string header) in demands.ResponseHeaders)
        {
            StringValues values = context.Response.Headers[header];
            if (values.Count == 1
                && long.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out long permits))
            {
                decision.Charge(charge, permits);
            }
            else if (values.Count > 0 && throttle.IsDue(charge, out long ignored))
            {
                LogMalformedCharge(logger, header, values.ToString(), ignored);
            }
        }
    }

    /// <summary>Gives back what others saw through this, for those who serve the request further on, such as with an error page.</summary>
    public void Dispose()
    {
        if (_response is not null && context.Features.Get<IHttpResponseBodyFeature>() == _response)
        {
            context.Features.Set(_plainResponse);
        }

        if (_request is not null && context.Request.Body == _request)
        {
            context.Request.Body = _plainRequest!;
        }
    }

    [LoggerMessage(
        EventId = 2,
        Level = LogLevel.Warning,
        Message = "The response header {Header} is to be charged but is no whole number, 0 or more: '{Value}'. "
            + "Ignored {Count} since last told.")]
    private static partial void LogMalformedCharge(ILogger logger, string header, string value, long count);
}
