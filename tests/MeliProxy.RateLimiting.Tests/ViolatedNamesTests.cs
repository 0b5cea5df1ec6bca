using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests;

/// <summary>A rejection names the rules that were violated, in their order, whichever combinations came before.</summary>
public class ViolatedNamesTests
{
    private const int Rules = 11;

    [Fact]
    public void Every_combination_of_rules_is_named_as_it_is_again_and_again()
    {
        // A resource is the set of rules that match it; they let nothing pass.
        QuotaLimiterOptions<int> options = new()
        {
            Rules =
            [
                .. Enumerable.Range(0, Rules).Select(i => new RateLimitRule
                {
                    Name = $"r{i}", Key = ["all"], Limit = 0, Window = TimeSpan.FromHours(1), Match = new RuleMatch { Path = $"{i}" },
                }),
            ],
            RuleMatcher = rule =>
            {
                int bit = 1 << int.Parse(rule.Match!.Path!, System.Globalization.CultureInfo.InvariantCulture);
                return resource => (resource & bit) != 0;
            },
        };
        options.KeySources.Add("all", _ => "all");
        QuotaLimiter<int> limiter = new(options);
        for (int turn = 0; turn < 2; turn++)
        {
            for (int resource = 1; resource < 1 << Rules; resource++)
            {
                Assert.Equal(
                    Enumerable.Range(0, Rules).Where(i => (resource & (1 << i)) != 0).Select(i => $"r{i}"),
                    limiter.Decide(resource).ViolatedRules);
            }
        }
    }
}
