using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.Services;

namespace MeliProxy.RateLimiting.Nats.Control;

/// <summary>Answers commands as a NATS service, so that <c>nats micro</c> and any client find it.</summary>
internal sealed class CommandService(
    INatsConnection connection, NatsSubjects subjects, NatsCommandOptions options, NatsCommandLog log, CancellationToken stop)
    : IAsyncDisposable
{
    private const string ServiceName = "meliproxy";
    private static readonly byte[] Failure =
        """{"ok":false,"error":{"code":"internal","message":"the command failed; the log of the process says more","path":"$"}}"""u8.ToArray();

    private INatsSvcServer? _service;

    /// <summary>Begins to answer; to be called once there is a connection. The client begins again by itself after a reconnect.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        NatsSvcContext context = new(connection);
        INatsSvcServer service = await context.AddServiceAsync(
            new NatsSvcConfig(ServiceName, options.Version)
            {
                Description = $"Rules, overrides and usage of the MeliProxy domain {subjects.Domain}",
                Metadata = new Dictionary<string, string> { ["domain"] = subjects.Domain },
            },
            cancellationToken);
        foreach (string command in options.Names)
        {
            await service.AddEndpointAsync<ReadOnlyMemory<byte>>(
                message => AnswerAsync(command, message),
                command.Replace('.', '-'),
                subjects.Command(command),
                serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
                cancellationToken: stop);
        }

        _service = service;
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is { } service)
        {
            _service = null;
            await service.DisposeAsync();
        }
    }

    /// <summary>The code of an answer, for those who only see the headers.</summary>
    private static string CodeOf(ReadOnlyMemory<byte> answer)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        return document.RootElement.TryGetProperty("error", out JsonElement error) && error.TryGetProperty("code", out JsonElement code)
            ? code.GetString() ?? ""
            : "";
    }

    private async ValueTask AnswerAsync(string command, NatsSvcMsg<ReadOnlyMemory<byte>> message)
    {
        // Whoever may ask is not to make this process, with its own permissions, write where it keeps things.
        if (message.ReplyTo is not { Length: > 0 } replyTo || replyTo[0] == '$' || replyTo.StartsWith("meliproxy.", StringComparison.Ordinal))
        {
            return;
        }

        ReadOnlyMemory<byte> answer;
        try
        {
            answer = await options.Run(command, message.Data, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            log.Failed(e, command);
            answer = Failure;
        }

        if (answer.Span.StartsWith("{\"ok\":true"u8))
        {
            await message.ReplyAsync(answer, serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: stop);
        }
        else
        {
            // The headers are what services tell failures by; the body says what it is.
            await message.ReplyErrorAsync(
                400, CodeOf(answer), answer, serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: stop);
        }
    }
}
