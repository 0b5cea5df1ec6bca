using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.Nats.Control;

/// <summary>What an operator is told about the rule document in the bucket.</summary>
internal sealed partial class NatsRuleStoreLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(53, LogLevel.Information, "The domain {Domain} had no rules in NATS yet and begins with those of this process, revision {Revision}")]
    public partial void Seeded(string domain, long revision);

    [LoggerMessage(50, LogLevel.Warning, "NATS had lost the latest rules of the domain {Domain}, and got them back from this process, revision {Revision}")]
    public partial void Restored(string domain, long revision);

    [LoggerMessage(51, LogLevel.Error, "The rules in the bucket {Bucket} cannot be read, so those in force stay: {Problem}")]
    public partial void Unreadable(string bucket, string problem);

    [LoggerMessage(52, LogLevel.Error, "Following the rules in NATS met an error that it goes on after")]
    public partial void Failed(Exception exception);
}
