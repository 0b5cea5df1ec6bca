using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>Taking over what the same process knew of the shard before the store lost it.</content>
internal sealed partial class Ledger
{
    /// <summary>Takes over the counts of long windows, and saves them again.</summary>
    /// <param name="lost">What was known. What was leased counts as spent.</param>
    /// <param name="now">The moment.</param>
    public void Inherit(Ledger lost, in QuotaInstant now)
    {
        foreach (LedgerKey key in lost._keys.Values)
        {
            if (!key.IsDurable || _keys.ContainsKey(key.Hash) || _keys.Count >= MaxKeys)
            {
                continue;
            }

            KeyState state = key.State;
            if (key.Limit is { } limit)
            {
                key.Advance(limit, now);
                state = QuotaTable.After(key.State, limit.Charge(key.State, key.Outstanding, now), limit.Kind);
            }

            _keys.Add(key.Hash, new LedgerKey(key.Hash, state) { IsDurable = true, Limit = key.Limit });
            _isDirty[ChunkOf(key.Hash)] = true;
        }
    }
}
