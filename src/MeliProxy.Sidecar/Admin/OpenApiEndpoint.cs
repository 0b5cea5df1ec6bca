namespace MeliProxy.Sidecar.Admin;

/// <summary>The description of the admin listener's REST for programs.</summary>
internal static class OpenApiEndpoint
{
    public const string Path = "/openapi/v1.json";

    /// <summary>The description as the binary has it.</summary>
    public static Stream Open() => typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json")!;

    public static void Map(WebApplication app) => app.MapGet(Path, async context =>
    {
        context.Response.ContentType = "application/json";
        await using Stream description = Open();
        await description.CopyToAsync(context.Response.Body, context.RequestAborted);
    });
}
