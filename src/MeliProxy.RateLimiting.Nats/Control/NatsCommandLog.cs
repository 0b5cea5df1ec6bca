using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.Nats.Control;

/// <summary>What an operator is told about commands over NATS.</summary>
internal sealed partial class NatsCommandLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(55, LogLevel.Error, "The command {Command} met an error")]
    public partial void Failed(Exception exception, string command);

    [LoggerMessage(54, LogLevel.Warning, "Commands are not answered over NATS: {Problem}")]
    public partial void NotStarted(string problem);
}
