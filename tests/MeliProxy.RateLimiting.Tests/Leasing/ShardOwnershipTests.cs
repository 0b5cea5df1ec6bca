using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>Several who want one shard, with every operation as late, or as lost, as chance has it.</summary>
public class ShardOwnershipTests
{
    private const int Seekers = 4;
    private static readonly long Step = QuotaClock.Units(TimeSpan.FromMilliseconds(20));

    [Fact]
    public void Never_do_two_own_a_shard_at_a_time()
    {
        int owned = 0;
        int takeovers = 0;
        for (int seed = 0; seed < 300; seed++)
        {
            (int steps, int owners) = Run(new Random(seed));
            owned += steps;
            takeovers += owners;
        }

        // It is owned most of the time, and changes hands.
        Assert.InRange(owned, 300 * 300, int.MaxValue);
        Assert.InRange(takeovers, 600, int.MaxValue);
    }

    [Fact]
    public void A_renewal_that_comes_through_too_late_makes_an_owner_that_had_a_predecessor()
    {
        Register register = new();
        ShardOwnership ownership = new(3, 7);
        RegisterClient client = new(register);
        ownership.Seek(Step, client);
        ownership.Observed([], 0, 0, false, Step, 0, client);
        Assert.True(ownership.Written(register.Write(client.Value!, 0), Step, 0));
        Assert.False(ownership.HadPredecessor);
        ownership.Begin(NewLedger());
        Assert.True(ownership.TryKeep(30 * Step, client));
        long late = 95 * Step;
        Assert.False(ownership.TryKeep(late, client));
        Assert.True(ownership.Written(register.Write(client.Value!, client.Revision), late, 0));
        Assert.True(ownership.HadPredecessor);
    }

    private static Ledger NewLedger() => new(3, 1, hasPredecessor: false, new QuotaInstant(1, 0, 0), TimeProvider.System);

    private static (int Steps, int Owners) Run(Random random)
    {
        Register register = new();
        RegisterClient[] clients = [.. Enumerable.Range(0, Seekers).Select(_ => new RegisterClient(register))];
        ShardOwnership[] seekers = [.. Enumerable.Range(0, Seekers).Select(i => new ShardOwnership(3, (ulong)i + 1))];
        int steps = 0;
        int owners = 0;
        ShardOwnership? last = null;
        for (int i = 1; i < 1_000; i++)
        {
            long now = i * Step;
            for (int s = 0; s < Seekers; s++)
            {
                ShardOwnership seeker = seekers[s];
                if (random.Next(40) == 0)
                {
                    // It stands still for a while.
                    clients[s].PausedUntil = i + random.Next(200);
                }

                if (i < clients[s].PausedUntil)
                {
                    continue;
                }

                clients[s].Advance(random, seeker, now, NewLedger);
                if (seeker.Ledger is null)
                {
                    seeker.Seek(now, clients[s]);
                }
                else if (random.Next(500) == 0)
                {
                    seeker.GiveUp(now, clients[s]);
                }
                else
                {
                    seeker.TryKeep(now, clients[s]);
                }
            }

            ShardOwnership[] present = [.. seekers.Where(s => s.IsOwned(now))];
            Assert.InRange(present.Length, 0, 1);
            steps += present.Length;
            if (present.Length == 1 && present[0] != last)
            {
                last = present[0];
                owners++;
            }
        }

        return (steps, owners);
    }

    private sealed class Register
    {
        public byte[] Value { get; private set; } = [];

        public ulong Revision { get; private set; }

        public ulong Write(byte[] value, ulong revision)
        {
            if (revision != Revision)
            {
                return 0;
            }

            Value = value;
            return ++Revision;
        }
    }

    /// <summary>One operation at a time: it reaches the register at some moment or never, and so does the reply.</summary>
    private sealed class RegisterClient(Register register) : ISharingTransport
    {
        private bool _isRead;
        private bool _isUnderWay;
        private bool _isDone;
        private byte[] _read = [];
        private ulong _result;

        public byte[]? Value { get; private set; }

        public ulong Revision { get; private set; }

        public int PausedUntil { get; set; }

        public void Advance(Random random, ShardOwnership seeker, long now, Func<Ledger> begin)
        {
            if (!_isUnderWay || random.Next(3) > 0)
            {
                return;
            }

            if (random.Next(30) == 0)
            {
                _isUnderWay = false;
                seeker.Failed(now, Step * random.Next(5));
            }
            else if (!_isDone)
            {
                _isDone = true;
                _read = register.Value;
                _result = _isRead ? register.Revision : register.Write(Value!, Revision);
            }
            else if (_isRead)
            {
                _isUnderWay = false;
                seeker.Observed(_read, _result, 0, false, now, Step * random.Next(5), this);
            }
            else
            {
                _isUnderWay = false;
                if (seeker.Written(_result, now, Step * random.Next(5)))
                {
                    seeker.Begin(begin());
                }
            }
        }

        public void Read(string key) => Begin(isRead: true);

        public void Write(string key, ReadOnlySpan<byte> value, ulong revision)
        {
            Value = value.ToArray();
            Revision = revision;
            Begin(isRead: false);
        }

        public void SendReport(int shard, ReadOnlySpan<byte> report) => throw new NotSupportedException();

        public void SendAnswer(ulong node, ReadOnlySpan<byte> answer) => throw new NotSupportedException();

        public void Listen(int shard, bool listens) => throw new NotSupportedException();

        private void Begin(bool isRead)
        {
            _isUnderWay = true;
            _isDone = false;
            _isRead = isRead;
        }
    }
}
