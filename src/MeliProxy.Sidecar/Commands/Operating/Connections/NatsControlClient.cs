using System.Text.Json;
using System.Text.Json.Nodes;
using MeliProxy.RateLimiting.Nats;
using MeliProxy.Sidecar.Commands.Operating.Texts;
using MeliProxy.Sidecar.Configuration.Reading;
using NATS.Client.Core;

namespace MeliProxy.Sidecar.Commands.Operating.Connections;

/// <summary>Asks whichever sidecar of a domain takes the command first, over NATS.</summary>
internal sealed class NatsControlClient : IControlClient
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly NatsConnection _connection;
    private readonly string _server;
    private readonly NatsSubjects _subjects;

    /// <param name="address">The server, which may have a user and password in it.</param>
    /// <param name="domain">The domain.</param>
    /// <param name="credentialsFile">A file that says who asks, if the server wants one.</param>
    /// <param name="certificates">Whom to trust and what to show, for <c>tls</c>.</param>
    /// <exception cref="AdminException">One of them cannot be used.</exception>
    public NatsControlClient(string address, string domain, string? credentialsFile, ClientCertificates certificates)
    {
        // The client would take what is before and after a comma for two servers.
        string? error = "must be one server, without a comma";
        if (address.Contains(',', StringComparison.Ordinal) || !UrlForm.Nats.TryParse(address, out Uri? url, out error))
        {
            throw new AdminException($"--nats: {error}");
        }

        if (!NatsSubjects.TryCreate(domain, out NatsSubjects? subjects))
        {
            throw new AdminException("--domain: must be 1 to 64 of the characters a-z, A-Z, 0-9, '_' and '-'");
        }

        if (credentialsFile is not null && !File.Exists(credentialsFile))
        {
            throw new AdminException($"--nats-credentials: there is no file {PrintableText.Of(credentialsFile)}");
        }

        _subjects = subjects;
        _server = $"{url.Scheme}://{url.Host}:{(url.Port < 0 ? 4222 : url.Port)}";
        _connection = new NatsConnection(NatsOpts.Default with
        {
            Url = address,
            Name = "MeliProxy command line",
            AuthOpts = new NatsAuthOpts { CredsFile = credentialsFile },
            TlsOpts = new NatsTlsOpts
            {
                CaFile = certificates.Authority,
                CertFile = certificates.Certificate,
                KeyFile = certificates.Key,
            },
            RequestTimeout = Patience,
        });
    }

    public async Task<JsonDocument> AskAsync(string command, JsonObject body, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await _connection.ConnectAsync().AsTask().WaitAsync(patience.Token);
            NatsMsg<byte[]> reply = await _connection.RequestAsync<byte[], byte[]>(
                _subjects.Command(command), JsonText.Write(body), cancellationToken: patience.Token);
            return Read(reply.Data, command);
        }
        catch (NatsNoRespondersException e)
        {
            throw new UnreachableException(
                $"no sidecar of the domain '{_subjects.Domain}' takes {command} at {_server}. Is one connected, and is --domain right?", e);
        }
        catch (Exception e) when (e is NatsNoReplyException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            throw new UnreachableException($"no sidecar answered {command} at {_server} within {Patience.TotalSeconds} s", e);
        }
        catch (NatsException e)
        {
            throw new UnreachableException(
                $"cannot reach {_server}: {PrintableText.Of((e.InnerException ?? e).Message)}. Say with --nats where a NATS server is", e);
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private JsonDocument Read(byte[]? data, string command)
    {
        JsonDocument? answer = null;
        try
        {
            answer = JsonDocument.Parse(data ?? []);
            if (answer.RootElement.IsTrue("ok"))
            {
                return answer;
            }

            if (answer.RootElement.Find("error") is { } error
                && RefusedException.TryRead(answer.RootElement, error, "message") is { } refused)
            {
                answer.Dispose();
                throw refused;
            }
        }
        catch (JsonException)
        {
        }

        answer?.Dispose();
        throw new AdminException($"what answered {command} at {_server} is no sidecar of this version");
    }
}
