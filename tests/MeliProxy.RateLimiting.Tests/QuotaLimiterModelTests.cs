using CsCheck;
using MeliProxy.RateLimiting.Algorithms;
using MeliProxy.RateLimiting.Rules;
using MeliProxy.RateLimiting.Tests.Algorithms;
using Microsoft.Extensions.Time.Testing;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>Sequences of requests under several rules, decided by the limiter and by a model that keeps a dictionary for each rule.</summary>
public class QuotaLimiterModelTests
{
    private static readonly Gen<RateLimitRule> Rule =
        Gen.Select(Gen.Int[0, 12], Gen.Int[1, 20], Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 5], Gen.OneOfConst("ip", "path", "ip path", "global"))
            .Select((limit, seconds, cost, window, mode, key) => new RateLimitRule
            {
                Name = "r",
                Key = key.Split(' '),
                Limit = limit,
                Window = TimeSpan.FromSeconds(seconds),
                Algorithm = window ? RateLimitAlgorithm.FixedWindow : RateLimitAlgorithm.TokenBucket,
                Cost = Math.Clamp(cost, 1, Math.Max(limit, 1)),
                Mode = mode == 0 ? RuleMode.Shadow : RuleMode.Enforce,
            });

    private static readonly Gen<(Call Call, int Permits, int WaitMilliseconds)> Request =
        Gen.Select(
            Gen.Select(Gen.OneOfConst("a", "b", null), Gen.OneOfConst("/x", "/y"), (ip, path) => new Call(ip, path)),
            Gen.OneOf(Gen.Const(1), Gen.Int[0, 4]),
            Gen.OneOf(Gen.Const(0), Gen.Int[0, 3_000]));

    [Fact]
    public void A_request_passes_only_if_all_enforcing_rules_agree_and_then_all_are_charged() =>
        Gen.Select(Rule.Array[1, 20], Request.Array[1, 60]).Sample(
            (drawn, requests) =>
            {
                RateLimitRule[] rules = [.. drawn.Select((rule, i) => rule with { Name = $"r{i}" })];
                FakeTimeProvider time = new();
                using QuotaLimiter<Call> limiter = Call.Limiter(time, rules);
                RuleModel[] models = [.. rules.Select(rule => new RuleModel(rule))];
                foreach ((Call call, int permits, int wait) in requests)
                {
                    time.Advance(TimeSpan.FromMilliseconds(wait));
                    DateTimeOffset now = time.GetUtcNow();
                    string[] violated =
                        [.. models.Where(m => m.Rule.Mode == RuleMode.Enforce && !m.CanTake(call, Math.Max(permits, 1), now)).Select(m => m.Rule.Name)];

                    QuotaDecision decision = limiter.Decide(call, permits);

                    Assert.Equal(violated, decision.ViolatedRules);
                    Assert.Equal(violated.Length == 0, decision.IsAllowed);
                    if (decision.IsAllowed)
                    {
                        Array.ForEach(models, m => m.Take(call, permits, now));
                    }

                    Assert.Equal(models.Select(m => m.Remaining(call, now)), limiter.Explain(call).Select(e => e.Remaining));
                }
            },
            iter: 1_500);

    private sealed class RuleModel(RateLimitRule rule)
    {
        private readonly Dictionary<string, (BucketModel Bucket, DateTimeOffset Seen)> _buckets = [];
        private readonly Dictionary<(string Key, long Window), long> _counts = [];

        public RateLimitRule Rule => rule;

        public bool CanTake(Call call, int permits, DateTimeOffset now) => rule.Cost * permits <= Remaining(call, now);

        public void Take(Call call, int permits, DateTimeOffset now)
        {
            if (permits == 0 || !CanTake(call, permits, now))
            {
                return;
            }

            if (rule.Algorithm == RateLimitAlgorithm.TokenBucket)
            {
                Bucket(call, now).TryTake(rule.Cost * permits);
            }
            else
            {
                _counts[Window(call, now)] = _counts.GetValueOrDefault(Window(call, now)) + (rule.Cost * permits);
            }
        }

        public long Remaining(Call call, DateTimeOffset now) =>
            rule.Limit == 0 ? 0
            : rule.Algorithm == RateLimitAlgorithm.TokenBucket ? (long)Bucket(call, now).Remaining
            : rule.Limit - _counts.GetValueOrDefault(Window(call, now));

        private BucketModel Bucket(Call call, DateTimeOffset now)
        {
            (BucketModel bucket, DateTimeOffset seen) = _buckets.GetValueOrDefault(Key(call), (new BucketModel(rule), now));
            bucket.Pass((now - seen).Ticks * QuotaClock.UnitsPerTick);
            _buckets[Key(call)] = (bucket, now);
            return bucket;
        }

        private (string Key, long Window) Window(Call call, DateTimeOffset now) =>
            (Key(call), now.ToUnixTimeMilliseconds() / (long)rule.Window.TotalMilliseconds);

        private string Key(Call call) =>
            string.Join(' ', rule.Key.Select(part => part switch { "ip" => call.Ip, "path" => call.Path, _ => "" }));
    }
}
