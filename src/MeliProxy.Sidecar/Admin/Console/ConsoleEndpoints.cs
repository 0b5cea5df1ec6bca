using Microsoft.Net.Http.Headers;

namespace MeliProxy.Sidecar.Admin.Console;

/// <summary>The console page at <c>/</c>, and the scripts and styles that it loads from <c>/console/</c>.</summary>
/// <remarks>The files are as they lie in this folder, within the binary; nothing is built from them and nothing is fetched from elsewhere.</remarks>
internal static class ConsoleEndpoints
{
    private const string PagePath = "/";
    private const string Folder = "/console/";

    /// <summary>Scripts and styles are files of this listener only, no text becomes markup, and no other page can frame this one.</summary>
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly Dictionary<string, ConsoleFile> Files = ConsoleFile.ReadAll().ToDictionary(
        file => file.Name == "console.html" ? PagePath : $"{Folder}{file.Name}", StringComparer.Ordinal);

    /// <summary>Whether a request is for a file of the console. They hold no data, so they are given to anyone who may connect.</summary>
    public static bool IsFile(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && Files.ContainsKey(request.Path.Value ?? "");

    /// <summary>Whether a browser follows a link to the page, from wherever: what it gets is the page and nothing of its data.</summary>
    public static bool IsVisit(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && request.Path == PagePath
        && request.Headers["Sec-Fetch-Mode"] == "navigate"
        && request.Headers["Sec-Fetch-Dest"] == "document";

    public static void Map(WebApplication app)
    {
        foreach ((string path, ConsoleFile file) in Files)
        {
            app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], context => AnswerAsync(context, file));
        }
    }

    private static Task AnswerAsync(HttpContext context, ConsoleFile file)
    {
        HttpResponse response = context.Response;
        bool isCompressed = AcceptsGzip(context.Request);
        string tag = isCompressed ? file.CompressedTag : file.Tag;
        IHeaderDictionary headers = response.Headers;
        headers.ETag = tag;

        // A newer binary has other files, and a browser that has these may keep them until then.
        headers.CacheControl = "no-cache";
        headers.Vary = "Accept-Encoding";
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Tag == tag || known.Tag == "*"))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        ReadOnlyMemory<byte> content = isCompressed ? file.Compressed : file.Content;
        headers.ContentEncoding = isCompressed ? "gzip" : default;
        response.ContentType = file.ContentType;
        response.ContentLength = content.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(content, context.RequestAborted).AsTask();
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any((StringWithQualityHeaderValue accepted) =>
            accepted.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && accepted.Quality is not 0);
}
