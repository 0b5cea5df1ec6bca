using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Table;

namespace MeliProxy.RateLimiting.Leasing;

/// <content>Handing back what is left of a lease that has ended since nobody renewed it in time, as nobody but the holder knows of it.</content>
internal sealed partial class LeaseHolder
{
    private void HandBackEnded(LeaseAccount account, LeaseLimit limit, in QuotaInstant now, Reports reports)
    {
        if (account.Granted == 0
            || account.ReportedAt == 0
            || Engine.Table.Find(account.Hash, out KeyState state) is var slot && slot < 0
            || state.Word > now.Units
            || !LeaseWord.IsRegistered(state.Word)
            || !Engine.Table.TrySet(slot, state, LeaseWord.Pack(now.Units, 0, isRegistered: false), SlotKind.Lease))
        {
            return;
        }

        // No decision spends it any more: the permits went with the word.
        long left = LeaseWord.Permits(state.Word);
        Spend(account, left);
        account.Returned += left;
        reports.Add(limit.Terms, Describe(account, limit, 0));
        account.Reported(now.Units);
    }
}
