using System.Numerics;
using CsCheck;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Algorithms;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>
/// Requests, charges, refunds and disposals in any order under rules of all algorithms that change meanwhile and a clock that is set back and
/// forth, decided by the limiter and by a model that keeps a dictionary for each rule.
/// </summary>
public class QuotaLimiterMixedModelTests
{
    private static readonly Gen<RateLimitRule> Rule =
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 20], Gen.Int[0, 3], Gen.Enum<RateLimitAlgorithm>(), Gen.Int[0, 5], Gen.OneOfConst("ip", "path", "ip path", "global"))
            .Select((limit, seconds, cost, algorithm, mode, key) => new RateLimitRule
            {
                Name = "r",
                Key = key.Split(' '),
                Limit = limit,
                Window = algorithm == RateLimitAlgorithm.Concurrency ? TimeSpan.Zero : TimeSpan.FromSeconds(seconds),
                Algorithm = algorithm,
                Charge = algorithm == RateLimitAlgorithm.Concurrency ? null : "c",
                Cost = Math.Min(algorithm == RateLimitAlgorithm.Concurrency ? Math.Max(cost, 1) : cost, limit),
                Mode = mode == 0 ? RuleMode.Shadow : RuleMode.Enforce,
            });

    private enum Act
    {
        Decide,
        Charge,
        Refund,
        Dispose,
        ChangeLimits,
        StepWallClock,
    }

    private static readonly Gen<(Act Act, Call Call, int Number, int WaitMilliseconds)> Step =
        Gen.Select(
            Gen.Frequency(
                (8, Gen.Const(Act.Decide)),
                (2, Gen.Const(Act.Charge)),
                (2, Gen.Const(Act.Refund)),
                (3, Gen.Const(Act.Dispose)),
                (1, Gen.Const(Act.ChangeLimits)),
                (1, Gen.Const(Act.StepWallClock))),
            Gen.Select(Gen.OneOfConst("a", "b", null), Gen.OneOfConst("/x", "/y"), (ip, path) => new Call(ip, path)),
            Gen.Int[0, 1_000],
            Gen.OneOf(Gen.Const(0), Gen.Int[0, 3_000]));

    [Fact]
    public void Decisions_and_what_is_left_are_those_of_the_model() =>
        Gen.Select(Rule.Array[1, 8], Step.Array[1, 80]).Sample(
            (drawn, steps) =>
            {
                RateLimitRule[] rules = [.. drawn.Select((rule, i) => rule with { Name = $"r{i}" })];
                SteerableTimeProvider time = new();
                QuotaLimiter<Call> limiter = Call.Limiter(time, rules);
                RuleModel[] models = [.. rules.Select(rule => new RuleModel(rule))];
                List<(QuotaDecision Decision, Taking?[] Takings)> open = [];

                // The wall clock is read again once a second, so that is how long a step of it takes to be seen.
                foreach ((Act act, Call call, int number, int wait) in steps)
                {
                    time.Advance(TimeSpan.FromMilliseconds(wait));
                    Moment now = new(time.GetTimestamp(), time.GetUtcNow().ToUnixTimeMilliseconds());
                    int which = open.Count == 0 ? -1 : number % open.Count;
                    switch (act)
                    {
                        case Act.Decide:
                            int permits = number % 5;
                            string[] violated =
                                [.. models.Where(m => m.Rule.Mode == RuleMode.Enforce && !m.CanTake(call, permits, now)).Select(m => m.Rule.Name)];
                            QuotaDecision decision = limiter.Decide(call, permits, isRefundable: true);
                            Assert.Equal(violated, decision.ViolatedRules);
                            Assert.Equal(violated.Length == 0, decision.IsAllowed);
                            if (decision.IsAllowed)
                            {
                                open.Add((decision, [.. models.Select(m => m.Take(call, permits, now))]));
                            }

                            break;
                        case Act.Charge when which >= 0:
                            open[which].Decision.Charge("c", number / 10);
                            Each(open[which].Takings, (model, taking) => model.Charge(taking, number / 10, now));
                            break;
                        case Act.Refund when which >= 0:
                            open[which].Decision.Refund();
                            Each(open[which].Takings, (model, taking) => model.GiveBack(taking, now));
                            break;
                        case Act.Dispose when which >= 0:
                            open[which].Decision.Dispose();
                            open[which].Decision.Refund();
                            open[which].Decision.Charge("c", 5);
                            Each(
                                open[which].Takings,
                                (model, taking) =>
                                {
                                    if (model.Rule.Algorithm == RateLimitAlgorithm.Concurrency)
                                    {
                                        model.GiveBack(taking, now);
                                    }
                                });
                            open.RemoveAt(which);
                            break;
                        case Act.ChangeLimits:
                            for (int i = 0; i < rules.Length; i++)
                            {
                                // A bucket keeps its rate, as a debt is kept as a time.
                                long limit = Math.Max(rules[i].Cost, 1 + ((number + i) % 12));
                                rules[i] = rules[i].Algorithm == RateLimitAlgorithm.TokenBucket
                                    ? rules[i] with { Burst = limit }
                                    : rules[i] with { Limit = limit };
                                models[i].Rule = rules[i];
                            }

                            limiter.Update(new RuleSet(rules));
                            break;
                        case Act.StepWallClock:
                            time.WallClockOffset = TimeSpan.FromSeconds(Math.Max(time.WallClockOffset.TotalSeconds, 0) + (number % 25) - 5);
                            time.Advance(TimeSpan.FromSeconds(1));
                            limiter.Decide(new Call("clock", "/clock"), 0);
                            now = new(time.GetTimestamp(), time.GetUtcNow().ToUnixTimeMilliseconds());
                            break;
                    }

                    Assert.Equal(models.Select(m => m.Remaining(call, now)), limiter.Explain(call).Select(e => e.Remaining));
                }

                void Each(Taking?[] takings, Action<RuleModel, Taking> act)
                {
                    for (int i = 0; i < takings.Length; i++)
                    {
                        if (takings[i] is { } taking)
                        {
                            act(models[i], taking);
                        }
                    }
                }
            },
            iter: 1_500);

    /// <param name="Ticks">Monotonic time.</param>
    /// <param name="Unix">Wall-clock time in milliseconds.</param>
    private readonly record struct Moment(long Ticks, long Unix);

    /// <summary>A rule's part in a decision: the permits that were taken, and what is needed to give them back.</summary>
    private sealed class Taking(string key)
    {
        public string Key => key;

        public long Cost { get; set; }

        /// <summary>The window that the permits were taken in, or for a bucket the moment it then was to be full again.</summary>
        public BigInteger Mark { get; set; }
    }

    private sealed class RuleModel(RateLimitRule rule)
    {
        private readonly Dictionary<string, BigInteger> _fullAt = [];
        private readonly Dictionary<string, long> _held = [];
        private readonly Dictionary<string, (BigInteger Window, BigInteger Count)> _fixed = [];
        private readonly Dictionary<string, SlidingWindowModel> _sliding = [];
        private readonly HashSet<string> _placed = [];

        public RateLimitRule Rule { get; set; } = rule;

        private long Window => (long)Rule.Window.TotalMilliseconds;

        private BigInteger Interval => ((Rule.Window.Ticks * new BigInteger(QuotaClock.UnitsPerTick)) + Rule.Limit - 1) / Rule.Limit;

        public bool CanTake(Call call, int permits, Moment now) => Math.Max(Rule.Cost, 1) * Math.Max(permits, 1) <= Remaining(call, now);

        /// <summary>Takes the permits if they can be had and there are any; what a charge or refund needs to know in any case.</summary>
        public Taking Take(Call call, int permits, Moment now)
        {
            Taking taking = new(KeyOf(call));
            if (Rule.Cost == 0 && permits > 0 && CanTake(call, permits, now) && !_placed.Contains(taking.Key))
            {
                // Nothing is taken, but the key has a place from now on, and has been seen in this window.
                Add(taking.Key, 0, now);
            }

            if (CanTake(call, permits, now) && permits * Rule.Cost > 0)
            {
                taking.Cost = permits * Rule.Cost;
                Add(taking.Key, taking.Cost, now);
                taking.Mark = Rule.Algorithm switch
                {
                    RateLimitAlgorithm.TokenBucket => _fullAt[taking.Key],
                    RateLimitAlgorithm.FixedWindow => _fixed[taking.Key].Window,
                    RateLimitAlgorithm.SlidingWindow => Sliding(taking.Key).WindowOf(now.Unix),
                    _ => 0,
                };
            }

            return taking;
        }

        public void Charge(Taking taking, long permits, Moment now)
        {
            if (Rule.Charge is not null && permits > 0)
            {
                Add(taking.Key, permits, now);
            }
        }

        public void GiveBack(Taking taking, Moment now)
        {
            if (taking.Cost == 0)
            {
                return;
            }

            switch (Rule.Algorithm)
            {
                case RateLimitAlgorithm.TokenBucket:
                    _fullAt[taking.Key] -= BigInteger.Min(BigInteger.Max(taking.Mark - Units(now), 0), taking.Cost * Interval);
                    break;
                case RateLimitAlgorithm.Concurrency:
                    _held[taking.Key] -= taking.Cost;
                    break;
                case RateLimitAlgorithm.FixedWindow when _fixed[taking.Key].Window == taking.Mark:
                    _fixed[taking.Key] = (taking.Mark, BigInteger.Max(_fixed[taking.Key].Count - taking.Cost, 0));
                    break;
                case RateLimitAlgorithm.SlidingWindow:
                    _sliding[taking.Key].Refund(taking.Cost, taking.Mark);
                    break;
            }

            taking.Cost = 0;
        }

        public long Remaining(Call call, Moment now)
        {
            string key = KeyOf(call);
            BigInteger remaining = Rule.Algorithm switch
            {
                RateLimitAlgorithm.TokenBucket =>
                    ((Rule.Capacity * Interval) - BigInteger.Max(_fullAt.GetValueOrDefault(key) - Units(now), 0)) / Interval,
                RateLimitAlgorithm.FixedWindow => Rule.Limit - Fixed(key, now).Count,
                RateLimitAlgorithm.SlidingWindow => Rule.Limit - Sliding(key).Used(now.Unix),
                _ => Rule.Limit - _held.GetValueOrDefault(key),
            };
            return (long)BigInteger.Max(remaining, 0);
        }

        private void Add(string key, long permits, Moment now)
        {
            _placed.Add(key);
            switch (Rule.Algorithm)
            {
                case RateLimitAlgorithm.TokenBucket:
                    _fullAt[key] = BigInteger.Max(_fullAt.GetValueOrDefault(key), Units(now)) + (permits * Interval);
                    break;
                case RateLimitAlgorithm.FixedWindow:
                    (BigInteger window, BigInteger count) = Fixed(key, now);
                    _fixed[key] = (window, count + permits);
                    break;
                case RateLimitAlgorithm.SlidingWindow:
                    Sliding(key).Charge(permits, now.Unix);
                    break;
                default:
                    _held[key] = _held.GetValueOrDefault(key) + permits;
                    break;
            }
        }

        private (BigInteger Window, BigInteger Count) Fixed(string key, Moment now)
        {
            BigInteger window = now.Unix / Window;
            (BigInteger Window, BigInteger Count) last = _fixed.GetValueOrDefault(key);
            return last.Window < window ? (window, 0) : last;
        }

        private SlidingWindowModel Sliding(string key)
        {
            if (!_sliding.TryGetValue(key, out SlidingWindowModel? model))
            {
                _sliding[key] = model = new SlidingWindowModel(Rule, WindowLayout.For(Rule.Window).MaxCount);
            }

            return model;
        }

        private static BigInteger Units(Moment now) => now.Ticks * new BigInteger(QuotaClock.UnitsPerTick);

        private string KeyOf(Call call) =>
            string.Join(' ', Rule.Key.Select(part => part switch { "ip" => call.Ip, "path" => call.Path, _ => "" }));
    }
}
