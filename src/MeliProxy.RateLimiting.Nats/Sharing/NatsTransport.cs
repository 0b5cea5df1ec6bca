using System.Globalization;
using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Nats.Sharing;

/// <summary>Takes what <see cref="QuotaSharing"/> wants done, to be done by the loops of its parts.</summary>
internal sealed class NatsTransport : ISharingTransport
{
    /// <summary>The last token of the subject of answers.</summary>
    public const string AnswerToken = "answer";

    private readonly NatsSubjects _subjects;
    private readonly Outbox _outbox;
    private readonly ShardSubscriptions _subscriptions;
    private readonly BucketOperations _operations;
    private readonly NatsSharingLog _log;
    private readonly string[] _reportSubjects = new string[QuotaSharing.ShardCount];
    private readonly string[] _undeliveredSubjects = new string[QuotaSharing.ShardCount];

    public NatsTransport(
        NatsSubjects subjects,
        ulong node,
        Outbox outbox,
        ShardSubscriptions subscriptions,
        BucketOperations operations,
        NatsSharingLog log)
    {
        _log = log;
        _subjects = subjects;
        _outbox = outbox;
        _subscriptions = subscriptions;
        _operations = operations;
        for (int shard = 0; shard < QuotaSharing.ShardCount; shard++)
        {
            _reportSubjects[shard] = subjects.LeaseShard(shard);
            _undeliveredSubjects[shard] = subjects.LeaseNode(node, shard.ToString(CultureInfo.InvariantCulture));
        }
    }

    public void SendReport(int shard, ReadOnlySpan<byte> report) => _outbox.Post(_reportSubjects[shard], _undeliveredSubjects[shard], report);

    public void SendAnswer(ulong node, ReadOnlySpan<byte> answer) => _outbox.Post(_subjects.LeaseNode(node, AnswerToken), replyTo: null, answer);

    public void Listen(int shard, bool listens) => _subscriptions.Set(shard, listens);

    public void Read(string key) => _operations.Read(key);

    public void Notice(SharingNotice notice)
    {
        switch (notice)
        {
            case SharingNotice.StoreReplaced:
                _log.StoreReplaced(_subjects.Bucket);
                break;
            case SharingNotice.SecretReplaced:
                _log.SecretReplaced(_subjects.Bucket);
                break;
            case SharingNotice.SecretUnusable:
                _log.SecretUnusable(_subjects.Bucket);
                break;
        }
    }

    public void Write(string key, ReadOnlySpan<byte> value, ulong revision) => _operations.Write(key, value, revision);
}
