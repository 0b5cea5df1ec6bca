namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>Carries messages between members when it is told to, and keeps keys with revisions.</summary>
internal sealed class HandBus
{
    private readonly Queue<Action> _underWay = [];
    private Dictionary<string, (byte[] Value, ulong Revision)> _keys = [];
    private readonly List<Member> _members = [];
    private ulong _revision;

    public int Reports { get; private set; }

    /// <summary>Whether answers get lost, and nothing else.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Bytes of all values that were written.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>Every report that was sent, to be looked at or sent again.</summary>
    public List<(int Shard, byte[] Report)> SentReports { get; } = [];

    public List<byte[]> SentAnswers { get; } = [];

    public void Join(Member member) => _members.Add(member);

    /// <summary>Delivers everything that is under way, and what that leads to.</summary>
    public void Deliver()
    {
        while (_underWay.TryDequeue(out Action? next))
        {
            next();
        }
    }

    public void Report(Member from, int shard, byte[] report)
    {
        Reports++;
        SentReports.Add((shard, report));
        _underWay.Enqueue(() =>
        {
            if (!from.IsReachable)
            {
                return;
            }

            Member[] owners = [.. _members.Where(m => m.IsReachable && m.Listens.Contains(shard))];
            foreach (Member owner in owners)
            {
                owner.Sharing.ReceiveReport(shard, report);
            }

            if (owners.Length == 0)
            {
                from.Sharing.ReportUndelivered(shard);
            }
        });
    }

    public void Answer(ulong node, byte[] answer)
    {
        SentAnswers.Add(answer);
        if (LosesAnswers)
        {
            return;
        }

        _underWay.Enqueue(() => _members.Find(m => m.Sharing.Node == node && m.IsReachable)?.Sharing.ReceiveAnswer(answer));
    }

    public void Read(Member from, string key) => _underWay.Enqueue(() =>
    {
        (byte[] value, ulong revision) = _keys.GetValueOrDefault(key, ([], 0));
        if (from.IsReachable)
        {
            from.Sharing.ReadCompleted(key, value, revision);
        }
        else
        {
            from.Sharing.OperationFailed(key);
        }
    });

    public void Write(Member from, string key, byte[] value, ulong revision) => _underWay.Enqueue(() =>
    {
        if (!from.IsReachable)
        {
            from.Sharing.OperationFailed(key);
            return;
        }

        ulong written = 0;
        if (_keys.GetValueOrDefault(key, ([], 0)).Revision == revision)
        {
            written = ++_revision;
            _keys[key] = (value, written);
            WrittenBytes += value.Length;
        }

        from.Sharing.WriteCompleted(key, written);
    });

    /// <summary>Writes a key whatever there is.</summary>
    public void Put(string key, byte[] value) => _keys[key] = (value, ++_revision);

    /// <summary>Loses a key.</summary>
    public void Forget(string key) => _keys.Remove(key);

    /// <summary>Loses all that is written; revisions begin anew.</summary>
    public void Empty() => Restore(([], 0));

    /// <summary>What is written now, to be put back later.</summary>
    public (Dictionary<string, (byte[] Value, ulong Revision)> Keys, ulong Revision) Copy() => (new(_keys), _revision);

    /// <summary>Puts back what was written once, revisions included.</summary>
    public void Restore((Dictionary<string, (byte[] Value, ulong Revision)> Keys, ulong Revision) copy) => (_keys, _revision) = copy;

    /// <summary>All that is written, as text: two of the same have the same.</summary>
    public string Written() => string.Join('\n', _keys.Select(k => $"{k.Key} {k.Value.Revision} {Convert.ToHexString(k.Value.Value)}"));
}
