using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>One process of a domain.</summary>
internal sealed class Member : ISharingTransport
{
    private readonly HandBus _bus;

    public Member(HandBus bus, QuotaLimiterOptions<Call> options, int seed)
    {
        _bus = bus;
        Sharing = new QuotaSharing(new Random(seed));
        options.Sharing = Sharing;
        Limiter = new QuotaLimiter<Call>(options);
        Sharing.Attach(this);
        bus.Join(this);
        Sharing.SetConnected(true);
    }

    public QuotaSharing Sharing { get; }

    public QuotaLimiter<Call> Limiter { get; }

    public List<SharingNotice> Notices { get; } = [];

    public HashSet<int> Listens { get; } = [];

    /// <summary>Whether its messages arrive, whatever it knows of that.</summary>
    public bool IsReachable { get; set; } = true;

    public long Held => Sharing.GetStatus().HeldPermits;

    /// <summary>Permits of owned shards that are leased and not reported as spent.</summary>
    public long Outstanding => Sharing.GetStatus().Shards.Sum(s => s.OutstandingPermits);

    public bool OwnsKeys => Sharing.GetStatus().Shards.Any(s => s.IsOwned && s.Keys > 0);

    /// <summary>How many of so many requests pass.</summary>
    public int Admit(int requests, string ip = "k") => Enumerable.Range(0, requests).Count(_ => Limiter.Decide(new Call(ip)).IsAllowed);

    public void SendReport(int shard, ReadOnlySpan<byte> report) => _bus.Report(this, shard, report.ToArray());

    public void SendAnswer(ulong node, ReadOnlySpan<byte> answer) => _bus.Answer(node, answer.ToArray());

    public void Listen(int shard, bool listens)
    {
        if (listens)
        {
            Listens.Add(shard);
        }
        else
        {
            Listens.Remove(shard);
        }
    }

    public void Notice(SharingNotice notice) => Notices.Add(notice);

    public void Read(string key) => _bus.Read(this, key);

    public void Write(string key, ReadOnlySpan<byte> value, ulong revision) => _bus.Write(this, key, value.ToArray(), revision);
}
