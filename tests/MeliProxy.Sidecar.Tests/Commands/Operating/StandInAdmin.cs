using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace MeliProxy.Sidecar.Tests.Commands.Operating;

/// <summary>A server on a free loopback port that answers as the admin listener of a sidecar does, with what the test says.</summary>
internal sealed class StandInAdmin : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, Queue<(int Status, string Body)>> _answers = [];

    private StandInAdmin(X509Certificate2? certificate)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    public string Address => _app.Urls.Single();

    /// <summary>The requests so far: method, path and query as they came.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>The body of the last request that had one.</summary>
    public JsonObject? LastBody { get; private set; }

    public string? LastAuthorization { get; private set; }

    public string? LastClientCertificate { get; private set; }

    public static async Task<StandInAdmin> StartAsync(X509Certificate2? certificate = null)
    {
        StandInAdmin admin = new(certificate);
        await admin._app.StartAsync(TestContext.Current.CancellationToken);
        return admin;
    }

    /// <summary>Says what is answered to a request; given several times, to one after the other.</summary>
    public void Answer(string request, string body, int status = 200)
    {
        if (!_answers.TryGetValue(request, out Queue<(int, string)>? answers))
        {
            _answers[request] = answers = [];
        }

        answers.Enqueue((status, body));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        string request = $"{context.Request.Method} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}";
        Requests.Add(request);
        LastAuthorization = context.Request.Headers.Authorization;
        LastClientCertificate = context.Connection.ClientCertificate?.Subject;
        using StreamReader reader = new(context.Request.Body);
        if (await reader.ReadToEndAsync(context.RequestAborted) is { Length: > 0 } body)
        {
            LastBody = (JsonObject)JsonNode.Parse(body)!;
        }

        (int status, string answer) = _answers.TryGetValue(request, out Queue<(int, string)>? answers) && answers.Count > 0
            ? answers.Dequeue()
            : (404, "");
        context.Response.StatusCode = status;
        context.Response.ContentType = status == 200 ? "application/json" : "application/problem+json";
        await context.Response.WriteAsync(answer, context.RequestAborted);
    }
}
