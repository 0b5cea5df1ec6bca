using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.AspNetCore;

/// <summary>Logs that a rule could not judge a request, once a minute for each rule, for <see cref="QuotaLimiterOptions{TResource}.ErrorHandler"/>.</summary>
internal sealed partial class KeyErrorLog(ILogger logger, TimeProvider time)
{
    private readonly LogThrottle _throttle = new(time);

    public void Tell(RateLimitRule rule, Exception exception)
    {
        if (_throttle.IsDue(rule.Name, out long count))
        {
            LogKeyError(logger, rule.Name, rule.OnError, count, exception);
        }
    }

    [LoggerMessage(
        EventId = 1,
        Level = LogLevel.Error,
        Message = "The key or match of the rule {Rule} cannot be computed, so onError: {Behavior} decides. "
            + "It happened {Count} times since last told.")]
    private static partial void LogKeyError(ILogger logger, string rule, RuleErrorBehavior behavior, long count, Exception exception);
}
