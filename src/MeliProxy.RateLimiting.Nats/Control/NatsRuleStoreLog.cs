using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.Nats.Control;

/// <summary>What an operator is told about the rule document in the bucket.</summary>
internal sealed partial class NatsRuleStoreLog(ILogger logger)
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(50, LogLevel.Information, "The domain {Domain} got its rules from this process, revision {Revision}, as NATS had none or had lost the latest")]
    public partial void Restored(string domain, long revision);

    [LoggerMessage(51, LogLevel.Error, "The rules in the bucket {Bucket} cannot be read, so those in force stay: {Problem}")]
    public partial void Unreadable(string bucket, string problem);

    [LoggerMessage(52, LogLevel.Error, "Following the rules in NATS met an error that it goes on after")]
    public partial void Failed(Exception exception);
}
