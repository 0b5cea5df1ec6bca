using Microsoft.Extensions.Logging;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>What an operator is told about the way to the other members. No line has credentials in it.</summary>
internal sealed partial class NatsSharingLog(ILogger logger)
{
    private const int MostPermissions = 16;

    private readonly ILogger _logger = logger;
    private readonly HashSet<string> _permissions = [];

    /// <summary>Tells that something is not permitted; once for each thing, whatever random part its subject has.</summary>
    public void NotPermitted(string server, string error)
    {
        error = DeniedSubject.Generalize(error);
        lock (_permissions)
        {
            if (_permissions.Count >= MostPermissions || !_permissions.Add(error))
            {
                return;
            }
        }

        LogNotPermitted(server, error);
    }

    [LoggerMessage(1, LogLevel.Information, "Quotas of the domain {Domain} are shared over NATS at {Server}")]
    public partial void Connected(string domain, string server);

    [LoggerMessage(2, LogLevel.Warning,
        "The connection to NATS at {Server} is lost, so shared rules follow onPartition once their leases are spent; connecting again")]
    public partial void Lost(string server);

    [LoggerMessage(3, LogLevel.Warning, "NATS cannot be reached at {Server} ({Reason}), so shared rules follow onPartition; trying again")]
    public partial void Unreachable(string server, string reason);

    [LoggerMessage(4, LogLevel.Error,
        "NATS at {Server} refuses the credentials ({Reason}), so shared rules follow onPartition. Set the user and password, token or "
        + "credentials file that the server knows; trying again twice a minute")]
    public partial void Refused(string server, string reason);

    [LoggerMessage(5, LogLevel.Error,
        "NATS at {Server} has no JetStream, which shared rules need, so they follow onPartition. Start it with nats-server -js, or enable "
        + "JetStream for the account; trying again twice a minute")]
    public partial void NoJetStream(string server);

    [LoggerMessage(6, LogLevel.Error,
        "The key-value bucket {Bucket} cannot be used on NATS at {Server} ({Reason}), so shared rules follow onPartition; trying again")]
    public partial void NoBucket(string bucket, string server, string reason);

    [LoggerMessage(9, LogLevel.Warning,
        "The key-value bucket {Bucket} knows less of the owners of shards than this process did: it was emptied, replaced or put back, or an "
        + "answer was made up. The bucket is followed; what it had saved of long windows since then is lost")]
    public partial void StoreReplaced(string bucket);

    [LoggerMessage(10, LogLevel.Warning,
        "The key secret of the bucket {Bucket} is another than it was. It is followed, so all shared counts begin anew")]
    public partial void SecretReplaced(string bucket);

    [LoggerMessage(11, LogLevel.Error,
        "The key-value bucket {Bucket} cannot be used: its key secret is not one of 16 bytes. Delete that key, and one is made; trying again "
        + "every three seconds")]
    public partial void SecretUnusable(string bucket);

    [LoggerMessage(8, LogLevel.Error, "Sharing quotas over NATS met an error that it goes on after")]
    public partial void Failed(Exception exception);

    [LoggerMessage(7, LogLevel.Error,
        "NATS at {Server} does not permit what sharing quotas needs: {Error}. Add the subject to the permissions of the user; docs/protocol.md "
        + "lists the permissions")]
    private partial void LogNotPermitted(string server, string error);
}
