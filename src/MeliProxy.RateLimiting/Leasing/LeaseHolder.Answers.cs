using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Leasing.Messages;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>What answers bring.</content>
internal sealed partial class LeaseHolder
{
    private static readonly long MostRetryMilliseconds = (long)RateLimitRule.MaxWindow.TotalMilliseconds;

    /// <summary>
    /// Begins new accounts where another owner has taken over: it knows nothing of those before, and what they were granted was granted by
    /// another. What is left of it is reported to the new owner as allowed by oneself.
    /// </summary>
    public void FollowEpoch(ShardLink link, ulong epoch, in QuotaInstant now)
    {
        bool isFirst = link.Epoch == 0;
        link.Epoch = epoch;
        if (isFirst)
        {
            return;
        }

        foreach (LeaseAccount account in _accounts.Values)
        {
            if (account.Shard == link.Shard)
            {
                long left = Engine.Table.Find(account.Hash, out KeyState state) >= 0
                    && state.Word > now.Units
                    && LeaseWord.IsRegistered(state.Word)
                    ? LeaseWord.Permits(state.Word)
                    : 0;
                account.Begin(++_lastNumber, left);
                account.DueAt = 0;
                Schedule(account, 1);
            }
        }
    }

    /// <summary>Adds what was granted to the key's lease.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="sentAt">When the report was sent: what was granted is valid from then on, which is before it was granted.</param>
    /// <param name="now">The moment.</param>
    public void Take(in AnsweredKey answer, long sentAt, in QuotaInstant now)
    {
        if (!TryFind((long)answer.Hash.With(SlotKind.Lease).Low, out LeaseAccount? account)
            || account.Number != answer.Account
            || answer.Granted < account.Granted)
        {
            return;
        }

        account.Heard(sentAt);
        account.Tell(answer, now);
        long endsAt = sentAt + (answer.ValidMilliseconds * QuotaClock.UnitsPerMillisecond);
        long granted = Math.Min(answer.Granted - account.Granted, LeaseWord.MaxPermits / 2);
        long emptyUntil = answer.Remaining == 0
            ? now.Units + (Math.Min(answer.RetryMilliseconds, MostRetryMilliseconds) * QuotaClock.UnitsPerMillisecond)
            : endsAt;
        if (endsAt <= now.Units || !TryAdd(account, granted, endsAt, emptyUntil, now))
        {
            return;
        }

        account.Granted = answer.Granted;
        account.IsConfirmed = true;
        if (granted > 0)
        {
            account.Serve();
        }

        // Also where there is nothing: then those who came before it was known need not wait.
        Engine.Queues.Wake(account.Hash);
    }

    /// <remarks>
    /// A key with no permits, of which the ledger has none either, is kept as it is until there may be some: it does not begin anew with an
    /// allowance. What a key allowed itself ends with the first lease, so that nothing granted lasts longer than granted.
    /// </remarks>
    private bool TryAdd(LeaseAccount account, long granted, long endsAt, long emptyUntil, in QuotaInstant now)
    {
        while (true)
        {
            int slot = Engine.Table.Find(account.Hash, out KeyState state);
            if (slot < 0)
            {
                KeyState added = new(LeaseWord.Pack(endsAt, granted, isRegistered: true), (long)account.Hash.Low);
                slot = Engine.Table.FindOrAdd(account.Hash, added, now);
                if (slot < 0)
                {
                    return false;
                }

                if (Engine.Table.TryRead(slot, account.Hash, out state) && state.Word == added.Word)
                {
                    return true;
                }

                continue;
            }

            // A key that has begun anew by itself is reported so, under another account, at the next visit.
            if (!LeaseWord.IsRegistered(state.Word) && state.Word > now.Units && LeaseWord.Permits(state.Word) > 0)
            {
                return false;
            }

            bool isRegistered = LeaseWord.IsRegistered(state.Word);
            long left = isRegistered && account.Granted + account.Allowed > 0 ? LeaseWord.Permits(state.Word) : 0;
            long held = Math.Min(left + granted, LeaseWord.MaxPermits);
            long word = held == 0 ? LeaseWord.Pack(Math.Max(endsAt, emptyUntil), 0, isRegistered: true)
                : left > 0 && account.IsConfirmed ? LeaseWord.Extend(state.Word, endsAt, held)
                : LeaseWord.Pack(endsAt, held, isRegistered: true);
            if (Engine.Table.TrySet(slot, state, word, SlotKind.Lease))
            {
                return true;
            }
        }
    }
}
