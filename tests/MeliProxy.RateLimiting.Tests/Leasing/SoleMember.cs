using MeliProxy.RateLimiting.Leasing;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>A domain with one member, which carries its messages to itself after a delay, and keeps the keys in memory.</summary>
internal sealed class SoleMember(QuotaSharing sharing, FakeTimeProvider time, TimeSpan delay) : ISharingTransport
{
    private readonly Dictionary<string, (byte[] Value, ulong Revision)> _values = [];
    private readonly HashSet<int> _listened = [];
    private readonly Queue<(long DueAt, Action Message)> _underWay = [];
    private ulong _revision;

    /// <summary>Attaches to the sharing, connected.</summary>
    public static SoleMember Join(QuotaSharing sharing, FakeTimeProvider time, TimeSpan delay)
    {
        SoleMember member = new(sharing, time, delay);
        sharing.Attach(member);
        sharing.SetConnected(true);
        return member;
    }

    /// <summary>Goes on for a time of the fake clock.</summary>
    public void Run(TimeSpan duration)
    {
        for (long end = time.GetTimestamp() + duration.Ticks; time.GetTimestamp() < end; time.Advance(TimeSpan.FromMilliseconds(1)))
        {
            sharing.Tick();
            while (_underWay.TryPeek(out (long DueAt, Action Message) next) && next.DueAt <= time.GetTimestamp())
            {
                _underWay.Dequeue().Message();
            }
        }
    }

    public void SendReport(int shard, ReadOnlySpan<byte> report)
    {
        byte[] bytes = report.ToArray();
        Send(() =>
        {
            if (_listened.Contains(shard))
            {
                sharing.ReceiveReport(shard, bytes);
            }
            else
            {
                sharing.ReportUndelivered(shard);
            }
        });
    }

    public void SendAnswer(ulong node, ReadOnlySpan<byte> answer)
    {
        byte[] bytes = answer.ToArray();
        Send(() => sharing.ReceiveAnswer(bytes));
    }

    public void Listen(int shard, bool listens)
    {
        if (listens)
        {
            _listened.Add(shard);
        }
        else
        {
            _listened.Remove(shard);
        }
    }

    public void Read(string key) => Send(() =>
    {
        (byte[] value, ulong revision) = _values.GetValueOrDefault(key, ([], 0));
        sharing.ReadCompleted(key, value, revision);
    });

    public void Write(string key, ReadOnlySpan<byte> value, ulong revision)
    {
        byte[] bytes = value.ToArray();
        Send(() =>
        {
            bool isCurrent = _values.GetValueOrDefault(key, ([], 0)).Revision == revision;
            if (isCurrent)
            {
                _values[key] = (bytes, ++_revision);
            }

            sharing.WriteCompleted(key, isCurrent ? _revision : 0);
        });
    }

    private void Send(Action message) => _underWay.Enqueue((time.GetTimestamp() + delay.Ticks, message));
}
