using MeliProxy.Sidecar.Http;

namespace MeliProxy.Sidecar.Admin;

/// <summary>Answers what the admin listener cannot do with problem details.</summary>
internal static class AdminProblem
{
    public static async Task AnswerErrorsAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);

        // Who answered has set a type; the answer itself may not have started yet, as a short one is sent at the end.
        if (context.Response.HasStarted || context.Response.ContentType is not null)
        {
            return;
        }

        switch (context.Response.StatusCode)
        {
            case StatusCodes.Status404NotFound:
                await Problem.WriteAsync(context, 404, "Not found", $"There is nothing at {context.Request.Path} on the admin listener.");
                break;
            case StatusCodes.Status405MethodNotAllowed:
                await Problem.WriteAsync(
                    context, 405, "Method not allowed", $"{context.Request.Path} takes {context.Response.Headers.Allow} only.");
                break;
        }
    }
}
