using MeliProxy.RateLimiting.Leasing.Messages;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>What is to be reported, gathered so that all keys of a shard share messages.</summary>
internal sealed class Reports
{
    private readonly List<(LeaseTerms Terms, ReportedKey Key)>[] _byShard = new List<(LeaseTerms, ReportedKey)>[QuotaSharing.ShardCount];
    private readonly bool[] _isGreeted = new bool[QuotaSharing.ShardCount];
    private readonly byte[] _buffer = new byte[QuotaSharing.MaxMessageLength];

    public Reports()
    {
        for (int i = 0; i < _byShard.Length; i++)
        {
            _byShard[i] = [];
        }
    }

    public void Add(LeaseTerms terms, in ReportedKey key) => _byShard[QuotaSharing.ShardOf(key.Hash)].Add((terms, key));

    /// <summary>Sends a report to a shard even if there is nothing to report.</summary>
    public void Greet(int shard) => _isGreeted[shard] = true;

    /// <summary>Gives all that was gathered to <paramref name="send"/>, in as few messages as it fits in.</summary>
    public void Send(ulong node, ShardLink[] links, long now, ReportSender send)
    {
        foreach (ShardLink link in links)
        {
            List<(LeaseTerms Terms, ReportedKey Key)> keys = _byShard[link.Shard];
            if (keys.Count > 1)
            {
                keys.Sort(Compare);
            }

            int next = 0;
            bool isGreeted = _isGreeted[link.Shard];
            _isGreeted[link.Shard] = false;
            while (next < keys.Count || isGreeted)
            {
                isGreeted = false;
                MessageWriter writer = new(_buffer);
                writer.WriteReportHeader(link.Shard, node, link.NextSequence(now), link.Epoch);
                next = Write(keys, next, ref writer);
                send(link.Shard, writer.Written);
            }

            keys.Clear();
        }
    }

    public void Clear()
    {
        Array.Clear(_isGreeted);
        foreach (List<(LeaseTerms, ReportedKey)> keys in _byShard)
        {
            keys.Clear();
        }
    }

    /// <summary>
    /// Keys with a lease come first, since a message that is late or lost costs them more than one that has none yet; then those under one limit
    /// together.
    /// </summary>
    private static int Compare((LeaseTerms Terms, ReportedKey Key) a, (LeaseTerms Terms, ReportedKey Key) b) => (a.Key.Granted > 0, b.Key.Granted > 0) switch
    {
        (true, false) => -1,
        (false, true) => 1,
        _ => a.Terms.GetHashCode().CompareTo(b.Terms.GetHashCode()),
    };

    /// <summary>Writes as many keys as fit; returns the first that did not.</summary>
    private static int Write(List<(LeaseTerms Terms, ReportedKey Key)> keys, int next, ref MessageWriter writer)
    {
        LeaseTerms? terms = null;
        int count = 0;
        while (next < keys.Count
            && count < MessageFormat.MaxKeys
            && writer.Length + MessageFormat.MaxSectionLength <= QuotaSharing.MaxMessageLength)
        {
            if (!keys[next].Terms.Equals(terms))
            {
                terms = keys[next].Terms;
                writer.WriteTerms(terms);
            }

            writer.Write(keys[next++].Key);
            count++;
        }

        return next;
    }
}
