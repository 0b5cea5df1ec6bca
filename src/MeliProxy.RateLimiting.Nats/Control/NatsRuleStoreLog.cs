using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.Nats.Control;

/// <summary>What an operator is told about the rule document in the bucket.</summary>
internal sealed partial class NatsRuleStoreLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(50, LogLevel.Information, "The domain {Domain} had no rules in NATS, or lost the latest, and has those of this process now, revision {Revision}")]
    public partial void Restored(string domain, long revision);

    [LoggerMessage(51, LogLevel.Error, "The rules in the bucket {Bucket} cannot be read, so those in force stay: {Problem}")]
    public partial void Unreadable(string bucket, string problem);

    [LoggerMessage(52, LogLevel.Error, "Following the rules in NATS met an error that it goes on after")]
    public partial void Failed(Exception exception);
}
