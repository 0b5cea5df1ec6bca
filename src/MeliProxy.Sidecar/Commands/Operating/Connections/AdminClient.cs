using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeliProxy.Sidecar.Commands.Operating.Texts;
using MeliProxy.Sidecar.Configuration.Reading;

namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>Asks the admin listener of a running sidecar.</summary>
internal sealed class AdminClient : IControlClient
{
    private static readonly UrlForm Form = new("http://127.0.0.1:8081", false, false, "http", "https");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly bool _hasToken;

    /// <param name="address">Where it listens.</param>
    /// <param name="token">Its token, if it has one.</param>
    /// <param name="certificates">Whom to trust and what to show, for <c>https</c>.</param>
    /// <exception cref="AdminException">One of them cannot be used.</exception>
    public AdminClient(string address, string? token, ClientCertificates? certificates = null)
    {
        _address = Form.TryParse(address, out Uri? url, out string? error) ? url : throw new AdminException($"--admin: {error}");
        _hasToken = token is not null;
        if (token is not null && token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new AdminException("the token must have visible ASCII characters only");
        }

        // The token is for this sidecar, and for nobody that it or a proxy might hand it to.
        SocketsHttpHandler handler = new() { UseProxy = false, AllowAutoRedirect = false };
        certificates?.ApplyTo(handler.SslOptions);
        _client = new HttpClient(handler) { Timeout = Patience };
        if (token is not null)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    private string Name => _address.GetLeftPart(UriPartial.Authority);

    public async Task<JsonDocument> AskAsync(string command, JsonObject body, CancellationToken cancellationToken)
    {
        AdminRequest request = AdminRequest.Of(command, body);
        string line = $"{request.Method} {request.PathAndQuery}";
        try
        {
            using HttpRequestMessage message = new(request.Method, new Uri(_address, request.PathAndQuery));
            if (request.Body is { } content)
            {
                message.Content = new ByteArrayContent(JsonText.Write(content));
                message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            using HttpResponseMessage response = await _client.SendAsync(message, cancellationToken);
            return await ReadAsync(response, line, cancellationToken);
        }
        catch (JsonException e)
        {
            throw new AdminException($"{Name} answered something else than JSON to {line}; is it the admin listener of a sidecar?", e);
        }
        catch (HttpRequestException e)
        {
            throw new UnreachableException(
                $"cannot reach {Name}: {PrintableText.Of((e.InnerException ?? e).Message)}. Say with --admin where a sidecar's admin listener is", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UnreachableException($"{Name} did not answer within {Patience.TotalSeconds} s", e);
        }
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonDocument> ReadAsync(HttpResponseMessage response, string line, CancellationToken cancellationToken)
    {
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK or HttpStatusCode.Created:
                JsonDocument answer = await JsonDocument.ParseAsync(
                    await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
                if (answer.RootElement.ValueKind == JsonValueKind.Object)
                {
                    return answer;
                }

                answer.Dispose();
                throw new JsonException();
            case HttpStatusCode.Unauthorized:
                throw new AdminException(_hasToken
                    ? $"{Name} does not take the token"
                    : $"{Name} asks for its token; set {ConnectionOptions.TokenVariable} or give --token");
            default:
                throw await TryReadErrorsAsync(response, cancellationToken) ?? new AdminException(
                    $"{Name} answered {(int)response.StatusCode} to {line}; is it the admin listener of a sidecar of this version?");
        }
    }

    private static async Task<AdminException?> TryReadErrorsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using JsonDocument problem = await JsonDocument.ParseAsync(
                await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
            return RefusedException.TryRead(problem.RootElement, problem.RootElement, "detail");
        }
        catch (JsonException)
        {
            // The status code says more than that.
            return null;
        }
    }
}
