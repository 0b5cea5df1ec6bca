using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.Simulation;

/// <summary>What carries messages between nodes, late, twice or not at all, and keeps keys with revisions.</summary>
public sealed class Bus(VirtualTime time, Scenario scenario, Random random)
{
    private readonly HashSet<Node>[] _listeners = [.. Enumerable.Range(0, QuotaSharing.ShardCount).Select(_ => new HashSet<Node>())];
    private readonly Dictionary<ulong, Node> _nodes = [];
    private readonly Dictionary<string, (byte[] Value, ulong Revision)> _keys = [];
    private ulong _revision;

    public long Messages { get; private set; }

    public long Bytes { get; private set; }

    public long Reports { get; private set; }

    public IEnumerable<Node> ListenersTo(int shard) => _listeners[shard];

    public void Join(Node node) => _nodes[node.Id] = node;

    public void Leave(Node node)
    {
        _nodes.Remove(node.Id);
        foreach (HashSet<Node> listeners in _listeners)
        {
            listeners.Remove(node);
        }
    }

    public void Listen(Node node, int shard, bool listens)
    {
        if (listens)
        {
            _listeners[shard].Add(node);
        }
        else
        {
            _listeners[shard].Remove(node);
        }
    }

    public void Report(Node from, int shard, byte[] report)
    {
        Reports++;
        if (_listeners[shard].Count == 0)
        {
            Carry(from, from, report.Length, () => from.Sharing.ReportUndelivered(shard));
            return;
        }

        foreach (Node owner in _listeners[shard])
        {
            Carry(from, owner, report.Length, () => owner.Sharing.ReceiveReport(shard, report));
        }
    }

    public void Answer(Node from, ulong to, byte[] answer)
    {
        if (_nodes.TryGetValue(to, out Node? node))
        {
            Carry(from, node, answer.Length, () => node.Sharing.ReceiveAnswer(answer));
        }
    }

    public void Read(Node node, string key) => Operate(node, key, () =>
    {
        (byte[] value, ulong revision) = _keys.GetValueOrDefault(key, ([], 0));
        return () => node.Sharing.ReadCompleted(key, value, revision);
    });

    public void Write(Node node, string key, byte[] value, ulong revision) => Operate(node, key, () =>
    {
        ulong written = 0;
        if (_keys.GetValueOrDefault(key, ([], 0)).Revision == revision)
        {
            written = ++_revision;
            _keys[key] = (value, written);
        }

        return () => node.Sharing.WriteCompleted(key, written);
    });

    /// <summary>Does an operation on the keys at the server, in the middle of its way; where the node is cut off it fails after a time.</summary>
    private void Operate(Node node, string key, Func<Action> operation)
    {
        if (!node.IsReachable || random.NextDouble() < scenario.Loss)
        {
            time.After(TimeSpan.FromSeconds(1), () => node.Deliver(() => node.Sharing.OperationFailed(key)));
            return;
        }

        time.After(Delay(), () =>
        {
            Action done = operation();
            if (node.IsReachable && random.NextDouble() >= scenario.Loss)
            {
                time.After(Delay(), () => node.Deliver(done));
            }
            else
            {
                time.After(TimeSpan.FromSeconds(1), () => node.Deliver(() => node.Sharing.OperationFailed(key)));
            }
        });
    }

    private void Carry(Node from, Node to, int length, Action deliver)
    {
        Messages++;
        Bytes += length;
        if (!from.IsReachable || random.NextDouble() < scenario.Loss)
        {
            return;
        }

        int copies = random.NextDouble() < scenario.Doubled ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            time.After(Delay(), () =>
            {
                if (to.IsReachable)
                {
                    to.Deliver(deliver);
                }
            });
        }
    }

    private TimeSpan Delay() =>
        TimeSpan.FromMilliseconds(0.2 - (scenario.MeanDelay.TotalMilliseconds * Math.Log(1 - random.NextDouble())));
}
