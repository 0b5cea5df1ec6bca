using MeliProxy.RateLimiting.Rules;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests.Leasing;

/// <summary>Members that share one rule, in a time that passes when it is told to.</summary>
internal sealed class Domain
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    /// <summary>The members' rule: so slow that nothing comes back while a test runs.</summary>
    public static readonly RateLimitRule Rule = new()
    {
        Name = "r",
        Key = ["ip"],
        Limit = 100,
        Window = TimeSpan.FromHours(1),
        Algorithm = RateLimitAlgorithm.FixedWindow,
        Scope = RuleScope.Shared,
        ColdStart = ColdStartBehavior.Wait,
        OnPartition = PartitionBehavior.Closed,
    };

    private readonly RateLimitRule _rule;
    private readonly Action<QuotaLimiterOptions<Call>>? _configure;

    public Domain(int members, RateLimitRule rule, Action<QuotaLimiterOptions<Call>>? configure = null)
    {
        _rule = rule;
        _configure = configure;
        for (int i = 0; i < members; i++)
        {
            Add();
        }

        // Everyone is known to everyone.
        Pass(TimeSpan.FromSeconds(4));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 10, 0, TimeSpan.Zero));

    public HandBus Bus { get; } = new();

    public List<Member> Members { get; } = [];

    public Member this[int index] => Members[index];

    public Member Add()
    {
        QuotaLimiterOptions<Call> options = Call.Options(Time, _rule);
        _configure?.Invoke(options);
        Member member = new(Bus, options, Members.Count);
        Members.Add(member);
        return member;
    }

    /// <summary>Time passes, and everyone does what is due.</summary>
    public void Pass(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Step)
        {
            Time.Advance(Step);
            foreach (Member member in Members)
            {
                member.Sharing.Tick();
            }

            Bus.Deliver();
        }
    }

    public void PassMilliseconds(double milliseconds) => Pass(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>Sends requests until so many have passed, as far as they do within some seconds.</summary>
    public int AdmitAtMost(Member member, int requests, string ip = "k", double seconds = 3)
    {
        int admitted = 0;
        for (double passed = 0; passed < seconds && admitted < requests; passed += 0.025)
        {
            admitted += member.Admit(requests - admitted, ip);
            PassMilliseconds(25);
        }

        return admitted;
    }
}
