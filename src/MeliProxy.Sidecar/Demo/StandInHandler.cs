namespace MeliProxy.Sidecar.Demo;

/// <summary>Serves one request: waits the added latency, finds the answer, writes it with the API's headers.</summary>
internal sealed class StandInHandler(StandInOptions options)
{
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            if (options.Latency > TimeSpan.Zero)
            {
                await Task.Delay(options.Latency, options.TimeProvider, context.RequestAborted);
            }

            await WriteAsync(context, Answer(context.Request));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; nobody is left to answer.
        }
    }

    private static ApiAnswer Answer(HttpRequest request)
    {
        ApiAnswer answer = StandInResources.Find(request.Path.Value ?? "/", request.Query);
        bool isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        return isRead || answer.Status == StatusCodes.Status404NotFound ? answer : ApiAnswer.MethodNotAllowed(request.Method);
    }

    private static Task WriteAsync(HttpContext context, ApiAnswer answer)
    {
        HttpResponse response = context.Response;
        IHeaderDictionary headers = response.Headers;
        headers.ContentType = "application/json; charset=utf-8";
        headers.CacheControl = answer.CacheControl;
        headers.Vary = "Accept-Encoding, User-Agent";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.XXSSProtection = "1; mode=block";
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowHeaders = "Content-Type";
        headers.AccessControlAllowMethods = "PUT, GET, POST, DELETE, OPTIONS";
        headers.AccessControlMaxAge = "86400";
        headers["x-request-id"] = Guid.NewGuid().ToString();
        if (answer.Status == StatusCodes.Status405MethodNotAllowed)
        {
            headers.Allow = "GET, HEAD";
        }

        if (answer.ETag is not null)
        {
            headers.ETag = answer.ETag;
            if (context.Request.Headers.IfNoneMatch.Contains(answer.ETag))
            {
                headers.ContentType = default;
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
        }

        response.StatusCode = answer.Status;
        response.ContentLength = answer.Body.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(answer.Body, context.RequestAborted).AsTask();
    }
}
