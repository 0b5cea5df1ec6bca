using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using MeliProxy.Sidecar.Configuration.Reading;

namespace MeliProxy.Sidecar.Commands;

/// <summary>Asks the admin listener of a running sidecar.</summary>
internal sealed class AdminClient : IDisposable
{
    private static readonly UrlForm Form = new("http://127.0.0.1:8081", false, false, "http", "https");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly bool _hasToken;

    /// <param name="address">Where it listens.</param>
    /// <param name="token">Its token, if it has one.</param>
    /// <exception cref="AdminException">One of them cannot be used.</exception>
    public AdminClient(string address, string? token)
    {
        _address = Form.TryParse(address, out Uri? url, out string? error) ? url : throw new AdminException($"--admin: {error}");
        _hasToken = token is not null;

        // The token is for this sidecar, and for nobody that it or a proxy might hand it to.
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience };
        if (token is not null)
        {
            if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            {
                throw new AdminException("the token must have visible ASCII characters only");
            }

            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    private string Name => _address.GetLeftPart(UriPartial.Authority);

    /// <summary>Gets JSON.</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AdminException">There is none, and why.</exception>
    public async Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri(_address, path), cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => await JsonDocument.ParseAsync(
                    await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken),
                HttpStatusCode.Unauthorized when _hasToken => throw new AdminException($"{Name} does not take the token"),
                HttpStatusCode.Unauthorized => throw new AdminException(
                    $"{Name} asks for its token; set {AdminOptions.TokenVariable} or give --token"),
                _ => throw new AdminException(
                    $"{Name} answered {(int)response.StatusCode} to GET {path}; is it the admin listener of a sidecar of this version?"),
            };
        }
        catch (JsonException e)
        {
            throw new AdminException($"{Name} answered something else than JSON to GET {path}; is it the admin listener of a sidecar?", e);
        }
        catch (HttpRequestException e)
        {
            throw new AdminException(
                $"cannot reach {Name}: {PrintableText.Of((e.InnerException ?? e).Message)}. Say with --admin where a sidecar's admin listener is", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AdminException($"{Name} did not answer within {Patience.TotalSeconds} s", e);
        }
    }

    public void Dispose() => _client.Dispose();
}
