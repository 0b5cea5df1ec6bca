using System.Buffers.Binary;
using System.Security.Cryptography;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Leasing.Messages;
using MeliProxy.RateLimiting.Limiting;

namespace MeliProxy.RateLimiting.Leasing;

/// <summary>
/// One process's part in the quotas that the members of a domain share: it spends leases of the keys that it uses, and keeps the account of
/// the shards that it owns.
/// </summary>
/// <remarks>
/// Given to a limiter by <see cref="QuotaLimiterOptions{TResource}.Sharing"/>, and driven by a transport, such as that of
/// MeliProxy.RateLimiting.Nats. It has no clock, thread or connection of its own. All members may be called by any thread; they take turns,
/// and decisions never wait for them.
/// </remarks>
public sealed partial class QuotaSharing
{
    /// <summary>The number of shards that keys are spread over: 32.</summary>
    public const int ShardCount = 32;

    /// <summary>The longest report or answer: 16,384 bytes.</summary>
    public const int MaxMessageLength = 16_384;

    /// <summary>The longest value written to a key: 262,144 bytes.</summary>
    public const int MaxValueLength = 262_144;

    /// <summary>The shard to which all members report, if only that they are there.</summary>
    internal const int GreetedShard = 0;

    private const int GreetingsPerSecond = 5_000;

    private static readonly TimeSpan ActiveTick = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan QuietTick = TimeSpan.FromMilliseconds(25);
    private static readonly long AnswerPatience = QuotaClock.Units(TimeSpan.FromMilliseconds(400));
    private static readonly long GreetingInterval = QuotaClock.Units(TimeSpan.FromSeconds(1));
    private static readonly long UnusedLife = QuotaClock.Units(TimeSpan.FromSeconds(60));
    private static readonly long MostDelay = QuotaClock.Units(TimeSpan.FromMilliseconds(100));

    private readonly Lock _gate = new();
    private readonly Random? _random;
    private readonly Reports _reports = new();
    private readonly ShardOwnership[] _ownerships = new ShardOwnership[ShardCount];
    private byte[]? _answer;
    private ISharingTransport? _transport;
    private ReportSender? _sendReport;
    private DecisionEngine? _engine;
    private TimeProvider _time = TimeProvider.System;
    private Action? _secretChanged;
    private bool _isConnected;
    private bool _isLeaving;
    private long _greetAt;
    private long _refused;

    /// <summary>Creates the part of one process.</summary>
    /// <param name="random">
    /// Where its identity, delays and the domain's secret come from, for simulations. <see langword="null"/>, the default: a secure source.
    /// </param>
    public QuotaSharing(Random? random = null)
    {
        _random = random;
        do
        {
            Node = BinaryPrimitives.ReadUInt64LittleEndian(RandomBytes(sizeof(ulong)));
        }
        while (Node == 0);

        for (int i = 0; i < ShardCount; i++)
        {
            _ownerships[i] = new ShardOwnership(i, Node);
        }
    }

    /// <summary>Identifies this process among the members, until it ends. Never 0.</summary>
    public ulong Node { get; }

    internal LeaseHolder Holder { get; } = new();

    private QuotaClock Clock => _engine!.Clock;

    /// <summary>Says what carries the messages; once, when a limiter uses this, and before the first <see cref="Tick"/>.</summary>
    /// <param name="transport">The transport.</param>
    /// <exception cref="InvalidOperationException">No limiter uses it yet, or it has a transport already.</exception>
    public void Attach(ISharingTransport transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        lock (_gate)
        {
            if (_engine is null)
            {
                throw new InvalidOperationException("Give it to a limiter first, as the limiter's option Sharing.");
            }

            _transport = _transport is null ? transport : throw new InvalidOperationException("It has a transport already.");
            _sendReport = transport.SendReport;
            _aloneSince = Clock.Now().Units;
        }
    }

    /// <summary>Does what is due: reports, ownership, saving, and following what rules do when cut off.</summary>
    /// <returns>After what time to call it again at the latest.</returns>
    /// <exception cref="InvalidOperationException">It has no transport.</exception>
    public TimeSpan Tick()
    {
        lock (_gate)
        {
            ISharingTransport transport = _transport ?? throw new InvalidOperationException("It has no transport: call Attach first.");
            QuotaInstant now = Clock.Now();
            if (_isLeaving)
            {
                return QuietTick;
            }

            SeekSecret(now.Units);
            FollowCutOff(now);
            Holder.Visit(now, _reports);
            if (IsJoined)
            {
                Greet(now.Units);
                _reports.Send(Node, Holder.Links, now.Units, _sendReport!);
                foreach (ShardLink link in Holder.Links)
                {
                    SeekOwner(link, now.Units, transport);
                }
            }
            else
            {
                _reports.Clear();
            }

            foreach (ShardOwnership ownership in _ownerships)
            {
                Keep(ownership, now, transport);
            }

            KeepSaved(now, transport);

            return Holder.IsActive ? ActiveTick : QuietTick;
        }
    }

    /// <summary>Tells whether messages can be sent and keys be read. Not connected is what it begins with.</summary>
    /// <param name="connected">Whether the transport has a connection.</param>
    public void SetConnected(bool connected)
    {
        lock (_gate)
        {
            if (_isConnected == connected || _engine is null)
            {
                return;
            }

            _isConnected = connected;
            if (connected)
            {
                _secretAt = 0;
                _greetAt = 0;
                foreach (ShardLink link in Holder.Links)
                {
                    link.Forget();
                }
            }
            else
            {
                _wasJoined |= Holder.Secret is not null;
                _aloneSince = Clock.Now().Units;
            }
        }
    }

    /// <summary>Takes a report for a shard that is listened to. Anything may be in it.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="report">The bytes.</param>
    public void ReceiveReport(int shard, ReadOnlySpan<byte> report)
    {
        lock (_gate)
        {
            if (_transport is null || (uint)shard >= ShardCount)
            {
                return;
            }

            QuotaInstant now = Clock.Now();
            ShardOwnership ownership = _ownerships[shard];
            if (!ownership.IsOwned(now.Units) || ownership.Ledger is not { } ledger)
            {
                return;
            }

            MessageReader reader = new(report);
            MessageWriter writer = new(_answer ??= new byte[MaxMessageLength]);
            if (reader.ReadStart(MessageFormat.Report) == shard
                && !reader.IsBad
                && ledger.Answer(ref reader, ref writer, now, ownership.OwnedUntil, out ulong node))
            {
                _transport.SendAnswer(node, writer.Written);
            }
            else
            {
                _refused++;
            }
        }
    }

    /// <summary>Takes an answer to a report. Anything may be in it.</summary>
    /// <param name="answer">The bytes.</param>
    public void ReceiveAnswer(ReadOnlySpan<byte> answer)
    {
        lock (_gate)
        {
            if (_transport is null)
            {
                return;
            }

            QuotaInstant now = Clock.Now();
            MessageReader reader = new(answer);
            ShardLink link = Holder.Links[reader.ReadStart(MessageFormat.Answer)];
            ulong epoch = reader.ReadNumber();
            ulong sequence = reader.ReadNumber();
            long interval = reader.ReadCount();
            long members = reader.ReadCount();
            if (reader.IsBad || epoch == 0 || interval > 60_000 || members > 10_000_000 || !AreKeys(reader))
            {
                _refused++;
                return;
            }

            if (epoch < link.Epoch || !link.TryFindSent(sequence, out long sentAt))
            {
                return;
            }

            // Who owns a shard knows that no other has a later epoch.
            if (_ownerships[link.Shard] is var ownership && ownership.IsOwned(now.Units) && epoch > ownership.Ledger!.Epoch)
            {
                _refused++;
                return;
            }

            link.Answered(sentAt, now.Units);
            link.Interval = Math.Max(interval, 1) * QuotaClock.UnitsPerMillisecond;
            if (members > 0)
            {
                Holder.Members = (int)members;
            }

            if (epoch > link.Epoch)
            {
                Holder.FollowEpoch(link, epoch, now);
            }

            while (!reader.IsAtEnd)
            {
                Holder.Take(reader.ReadAnsweredKey(), sentAt, now);
            }
        }
    }

    /// <summary>Tells that nobody listens to a shard's reports.</summary>
    /// <param name="shard">The shard.</param>
    public void ReportUndelivered(int shard)
    {
        lock (_gate)
        {
            if ((uint)shard < ShardCount)
            {
                Holder.Links[shard].IsUndelivered = true;
            }
        }
    }

    /// <summary>Hands back what is held and owned, as far as the transport carries it; the last thing to do before the process ends.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (_transport is null || _isLeaving)
            {
                return;
            }

            _isLeaving = true;
            QuotaInstant now = Clock.Now();
            Holder.Leave(now, _reports);
            if (IsJoined)
            {

                // What it owns itself hears of it now: what is handed back is not to be saved as spent.
                _reports.Send(Node, Holder.Links, now.Units, (shard, report) =>
                {
                    if (_ownerships[shard].IsOwned(now.Units))
                    {
                        ReceiveReport(shard, report);
                    }
                    else
                    {
                        _sendReport!(shard, report);
                    }
                });
                foreach (ShardOwnership ownership in _ownerships)
                {
                    if (ownership.Ledger is { } ledger)
                    {
                        SaveAll(ledger, now, _transport);
                        ownership.GiveUp(now.Units, _transport);
                        _transport.Listen(ownership.Shard, false);
                    }
                }
            }
        }
    }

    internal static int ShardOf(in KeyHash hash) => (int)(hash.Low >> 59);

    /// <summary>Ties this to the limiter that uses it.</summary>
    /// <param name="engine">The limiter's engine.</param>
    /// <param name="time">The limiter's clock.</param>
    /// <param name="secretChanged">Called when keys of shared rules hash to other values from now on.</param>
    internal void Bind(DecisionEngine engine, TimeProvider time, Action secretChanged)
    {
        lock (_gate)
        {
            Holder.Bind(engine);
            _engine = engine;
            _time = time;
            _secretChanged = secretChanged;
        }
    }

    /// <summary>Follows a change of rules.</summary>
    internal void Follow(IReadOnlyList<BoundRule> rules)
    {
        lock (_gate)
        {
            Holder.Follow(rules);
        }
    }

    private static bool AreKeys(MessageReader reader)
    {
        int count = 0;
        while (!reader.IsBad && !reader.IsAtEnd && count++ < MessageFormat.MaxKeys)
        {
            reader.ReadAnsweredKey();
        }

        return !reader.IsBad && reader.IsAtEnd;
    }

    private byte[] RandomBytes(int count)
    {
        if (_random is null)
        {
            return RandomNumberGenerator.GetBytes(count);
        }

        byte[] bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A delay of up to 100 ms, longer for those who own shards already.</summary>
    private long RandomDelay()
    {
        uint part = BinaryPrimitives.ReadUInt32LittleEndian(RandomBytes(sizeof(uint)));
        int owned = _ownerships.Count(o => o.Ledger is not null);
        return (long)(MostDelay * (part / (double)uint.MaxValue)) + (owned * MostDelay / ShardCount);
    }

    /// <summary>Tells the owner of one shard, who counts the members, that this one is there; and asks after owners that do not answer.</summary>
    private void Greet(long now)
    {
        if (now < _greetAt)
        {
            return;
        }

        _greetAt = now + Math.Max(GreetingInterval, GreetingInterval * Holder.Members / GreetingsPerSecond);
        _reports.Greet(GreetedShard);
        foreach (ShardLink link in Holder.Links)
        {
            if (link.IsCutOff)
            {
                _reports.Greet(link.Shard);
            }
        }
    }
}
