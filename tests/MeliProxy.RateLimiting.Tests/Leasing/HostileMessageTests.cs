using CsCheck;
using MeliProxy.RateLimiting.Leasing;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>Anything may arrive: nothing throws, and what cannot be changes nothing.</summary>
public class HostileMessageTests
{
    private readonly Domain _domain = new(2, Domain.Rule);

    public HostileMessageTests() => Assert.Equal(20, _domain.AdmitAtMost(_domain[1], 20));

    private Member Owner => _domain.Members.Single(m => m.OwnsKeys);

    private (int Shard, byte[] Report) LastReport => _domain.Bus.SentReports.FindLast(r => r.Report.Length > 40);

    [Fact]
    public void A_report_cut_short_changes_nothing()
    {
        (int shard, byte[] report) = LastReport;
        string before = State();
        for (int length = 0; length < report.Length; length++)
        {
            Owner.Sharing.ReceiveReport(shard, report.AsSpan(0, length));
        }

        Assert.Equal(before, State());
    }

    [Fact]
    public void An_answer_cut_short_changes_nothing()
    {
        byte[] answer = _domain.Bus.SentAnswers.FindLast(a => a.Length > 30)!;
        string before = State();
        for (int length = 0; length < answer.Length; length++)
        {
            _domain[1].Sharing.ReceiveAnswer(answer.AsSpan(0, length));
        }

        Assert.Equal(before, State());
    }

    [Fact]
    public void A_report_for_another_shard_or_none_changes_nothing()
    {
        (int shard, byte[] report) = LastReport;
        string before = State();
        for (int other = -1; other <= QuotaSharing.ShardCount; other++)
        {
            if (other != shard)
            {
                Owner.Sharing.ReceiveReport(other, report);
            }
        }

        Assert.Equal(before, State());
    }

    [Fact]
    public void Reports_and_answers_that_come_again_change_nothing()
    {
        string before = State();
        foreach ((int shard, byte[] report) in _domain.Bus.SentReports)
        {
            Owner.Sharing.ReceiveReport(shard, report);
        }

        foreach (byte[] answer in _domain.Bus.SentAnswers.ToArray())
        {
            _domain[1].Sharing.ReceiveAnswer(answer);
        }

        Assert.Equal(before, State());
    }

    [Fact]
    public void Random_bytes_do_no_harm()
    {
        string before = State();
        Gen.Byte.Array[0, 300].Sample(
            bytes =>
            {
                for (int shard = 0; shard < QuotaSharing.ShardCount; shard++)
                {
                    Owner.Sharing.ReceiveReport(shard, bytes);
                }

                _domain[0].Sharing.ReceiveAnswer(bytes);
                _domain[1].Sharing.ReceiveAnswer(bytes);
            },
            iter: 2_000,
            threads: 1);
        Owner.Sharing.ReceiveReport(LastReport.Shard, new byte[1_000_000]);
        _domain[1].Sharing.ReceiveAnswer(new byte[1_000_000]);
        Assert.Equal(before, State());
    }

    /// <remarks>Much of it can be, so it may change something; what members admit stays within the limit.</remarks>
    [Fact]
    public void Messages_with_some_bytes_changed_do_not_throw()
    {
        (int shard, byte[] report) = LastReport;
        byte[] answer = _domain.Bus.SentAnswers.FindLast(a => a.Length > 30)!;
        Gen.Select(Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 10_000], Gen.Byte).Sample(
            (at, value, at2, value2) =>
            {
                Owner.Sharing.ReceiveReport(shard, Changed(report));
                _domain[1].Sharing.ReceiveAnswer(Changed(answer));
                _domain[1].Limiter.Decide(new Call("k"));

                byte[] Changed(byte[] message)
                {
                    byte[] changed = [.. message];
                    changed[at % message.Length] = value;
                    changed[at2 % message.Length] ^= value2;
                    return changed;
                }
            },
            iter: 5_000,
            threads: 1);
        _domain.PassMilliseconds(500);
    }

    private string State() => string.Join(
        '\n', _domain.Members.Select(m => $"{m.Held} {m.Outstanding} {m.Sharing.GetStatus().LeasedKeys}").Append(_domain.Bus.Written()));
}
