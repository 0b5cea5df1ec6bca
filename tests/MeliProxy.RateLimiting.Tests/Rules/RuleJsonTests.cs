using System.Text;
using System.Text.Json;
using CsCheck;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Rules;

public class RuleJsonTests
{
    private const string NotDuration = "must be a duration such as \"250ms\", \"1s\", \"15m\", \"1h\" or \"30d\"";
    private const string BadName = "a rule's name has 1 to 64 characters of a-z, A-Z, 0-9, '.', '_' and '-'";
    private const string BadCharge =
        "must be a name of 1 to 64 characters of a-z, 0-9 and '-', which ':' and visible ASCII characters may follow";

    private const string BadEntry = "must be a key part, '=' and a value, such as \"client-ip=10.0.0.0/8\"";
    private const string BadZone = "must be the IANA name of a time zone, such as \"America/Sao_Paulo\" or \"UTC\"";
    private const string Known =
        "known are name, match, key, limit, algorithm, calendar, timeZone, burst, cost, charge, queue, allow, deny, scope, onPartition, coldStart, mode, "
        + "enforcePercent, onMissingKey, onError, window";

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        RateLimitRule rule = Read("""{"name":"r","key":["client-ip"],"limit":5,"window":"10s"}""")!;
        Assert.Equal(
            new RateLimitRule { Name = "r", Key = rule.Key, Limit = 5, Window = TimeSpan.FromSeconds(10) },
            rule);
        Assert.Equal(["client-ip"], rule.Key);
    }

    [Fact]
    public void Everything_that_is_given_is_read()
    {
        RateLimitRule rule = Read(
            """
            {"name":"A.b_c-1","match":{"path":"/x/{**rest}","methods":["GET"],"hosts":["*.a.b"],"headers":{"X-A":"1"}},
             "key":["path:2","header:X-Key"],"algorithm":"token-bucket","limit":5,"window":"1d","burst":50,"cost":3,
             "scope":"shared","mode":"shadow","onMissingKey":"skip"}
            """)!;
        Assert.Equal(("A.b_c-1", 5, 50, 3), (rule.Name, rule.Limit, rule.Burst, rule.Cost));
        Assert.Equal((RuleScope.Shared, RuleMode.Shadow, MissingKeyBehavior.Skip), (rule.Scope, rule.Mode, rule.OnMissingKey));
        Assert.Equal("/x/{**rest}", rule.Match!.Path);
        Assert.Equal(["GET"], rule.Match.Methods);
        Assert.Equal(["*.a.b"], rule.Match.Hosts);
        Assert.Equal("1", rule.Match.Headers["x-a"]);
    }

    [Fact]
    public void Every_member_of_a_counted_rule_is_read()
    {
        RateLimitRule rule = Read(
            """
            {"name":"r","key":["a"],"algorithm":"fixed-window","limit":5,"calendar":"month","timeZone":"America/Sao_Paulo","cost":0,
             "charge":"response-header:X-Cost","queue":{"limit":7,"maxWait":"250ms"},"allow":["client-ip=10.0.0.0/8","header:X-A="],
             "deny":["a=b=c"],"enforcePercent":25,"onError":"closed"}
            """)!;
        Assert.Equal((RateLimitAlgorithm.FixedWindow, CalendarPeriod.Month, "America/Sao_Paulo"), (rule.Algorithm, rule.Calendar, rule.TimeZone));
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromDays(31)), (rule.Window, rule.NominalWindow));
        Assert.Equal((0, "response-header:X-Cost"), (rule.Cost, rule.Charge));
        Assert.Equal(new RuleQueue { Limit = 7, MaxWait = TimeSpan.FromMilliseconds(250) }, rule.Queue);
        Assert.Equal(["client-ip=10.0.0.0/8", "header:X-A="], rule.Allow);
        Assert.Equal(["a=b=c"], rule.Deny);
        Assert.Equal((25, RuleErrorBehavior.Closed), (rule.EnforcePercent, rule.OnError));
    }

    [Theory]
    [InlineData("token-bucket", RateLimitAlgorithm.TokenBucket)]
    [InlineData("fixed-window", RateLimitAlgorithm.FixedWindow)]
    [InlineData("sliding-window", RateLimitAlgorithm.SlidingWindow)]
    public void Each_algorithm_that_counts_in_time_has_a_word(string word, RateLimitAlgorithm algorithm) =>
        Assert.Equal(algorithm, Read($$"""{"name":"r","key":["a"],"limit":1,"window":"1s","algorithm":"{{word}}"}""")!.Algorithm);

    [Theory]
    [InlineData("minute", CalendarPeriod.Minute)]
    [InlineData("hour", CalendarPeriod.Hour)]
    [InlineData("day", CalendarPeriod.Day)]
    [InlineData("month", CalendarPeriod.Month)]
    public void Each_calendar_period_has_a_word(string word, CalendarPeriod period) =>
        Assert.Equal(period, Read($$"""{"name":"r","key":["a"],"limit":1,"calendar":"{{word}}","algorithm":"fixed-window"}""")!.Calendar);

    [Theory]
    [InlineData("""[]""", "$.r", "must be an object")]
    [InlineData("""{"key":["a"],"limit":1,"window":"1s"}""", "$.r", "'name' is missing")]
    [InlineData("""{"name":"r","limit":1,"window":"1s"}""", "$.r", "'key' is missing")]
    [InlineData("""{"name":"r","key":["a"],"limit":null,"window":"1s"}""", "$.r", "'limit' is missing")]
    [InlineData("""{"name":"r","key":["a"],"limit":1}""", "$.r", "'window' is missing")]
    [InlineData("""{"name":7,"key":["a"],"limit":1,"window":"1s"}""", "$.r.name", "must be a string")]
    [InlineData("""{"name":"a b","key":["a"],"limit":1,"window":"1s"}""", "$.r.name", BadName)]
    [InlineData("""{"name":"","key":["a"],"limit":1,"window":"1s"}""", "$.r.name", BadName)]
    [InlineData("""{"name":"\ud800","key":["a"],"limit":1,"window":"1s"}""", "$.r.name", "has half a surrogate pair, which is no text")]
    [InlineData("""{"name":"r","key":"a","limit":1,"window":"1s"}""", "$.r.key", "must be an array of strings")]
    [InlineData("""{"name":"r","key":["a",2],"limit":1,"window":"1s"}""", "$.r.key[1]", "must be a string")]
    [InlineData("""{"name":"r","key":[""],"limit":1,"window":"1s"}""", "$.r.key[0]", "a key part has a name")]
    [InlineData("""{"name":"r","key":["a","b","a"],"limit":1,"window":"1s"}""", "$.r.key[2]", "the part 'a' is already in the key")]
    [InlineData("""{"name":"r","key":[],"limit":1,"window":"1s"}""", "$.r.key", "a key has 1 to 8 parts; use [\"global\"] to count everything together")]
    [InlineData("""{"name":"r","key":["a"],"limit":1.5,"window":"1s"}""", "$.r.limit", "must be a whole number")]
    [InlineData("""{"name":"r","key":["a"],"limit":"1","window":"1s"}""", "$.r.limit", "must be a whole number")]
    [InlineData("""{"name":"r","key":["a"],"limit":9223372036854775808,"window":"1s"}""", "$.r.limit", "must be a whole number")]
    [InlineData("""{"name":"r","key":["a"],"limit":-1,"window":"1s"}""", "$.r.limit", "must be from 0 (reject everything) to 10000000 for a window of 1s")]
    [InlineData("""{"name":"r","key":["a"],"limit":10000001,"window":"1s"}""", "$.r.limit", "must be from 0 (reject everything) to 10000000 for a window of 1s")]
    [InlineData("""{"name":"r","key":["a"],"limit":9000000,"window":"1001ms","algorithm":"fixed-window"}""", "$.r.limit", "must be from 0 (reject everything) to 8388607 for a window of 1001ms")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":1}""", "$.r.window", NotDuration)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1 s"}""", "$.r.window", NotDuration)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"0s"}""", "$.r.window", "must be from 1ms to 366d, in whole milliseconds")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"367d"}""", "$.r.window", "must be from 1ms to 366d, in whole milliseconds")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","burst":0}""", "$.r.burst", "must be from 1 to 31622400: a full burst has to refill within 366d")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","burst":31622401}""", "$.r.burst", "must be from 1 to 31622400: a full burst has to refill within 366d")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","burst":5,"algorithm":"fixed-window"}""", "$.r.burst", "only a token-bucket has a burst")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","cost":6}""", "$.r.cost", "must be from 1 to 5, the most that a key can hold; more could never be allowed")]
    [InlineData("""{"name":"r","key":["a"],"limit":0,"window":"1s","cost":0}""", "$.r.cost", "must be 1 or more")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","algorithm":"leaky"}""", "$.r.algorithm", "'leaky' is unknown; use token-bucket, fixed-window, sliding-window, concurrency")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","scope":"Local"}""", "$.r.scope", "'Local' is unknown; use local, shared")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","mode":"off"}""", "$.r.mode", "'off' is unknown; use enforce, shadow")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","onMissingKey":"?"}""", "$.r.onMissingKey", "'?' is unknown; use empty, skip")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","colour":1}""", "$.r.colour", "is unknown here; " + Known)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","limits":1}""", "$.r.limits", "is unknown; did you mean 'limit'?")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","Limit":1}""", "$.r.Limit", "is unknown; did you mean 'limit'?")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","limit":1}""", "$.r.limit", "is given twice")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","match":"/x"}""", "$.r.match", "must be an object")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","match":{"path":1}}""", "$.r.match.path", "must be a string")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","match":{"methods":["GET",null]}}""", "$.r.match.methods[1]", "must be a string")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","match":{"headers":{"X":1}}}""", "$.r.match.headers.X", "must be a string")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","match":{"headers":{"X":"1","x":"2"}}}""", "$.r.match.headers.x", "is given twice")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","match":{"headers":{"\udc00":"1"}}}""", "$.r.match.headers", "has a member whose name has half a surrogate pair, which is no text")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","match":{"verbs":[]}}""", "$.r.match.verbs", "is unknown here; known are path, methods, hosts, headers, endpoint")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","\ud800":1}""", "$.r", "has a member whose name has half a surrogate pair, which is no text")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"sliding-window"}""", "$.r", "'window' is missing")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":null}""", "$.r", "'window' is missing")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"leaky"}""", "$.r.algorithm", "'leaky' is unknown; use token-bucket, fixed-window, sliding-window, concurrency")]
    [InlineData("""{"name":"r","key":["a"],"limit":99000000,"algorithm":7,"burst":5,"calendar":"day","cost":6}""", "$.r.algorithm", "must be a string")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","calendar":"day"}""", "$.r.calendar", "only a fixed-window has a calendar")]
    [InlineData("""{"name":"r","key":["a"],"limit":99000000,"calendar":"day"}""", "$.r.calendar", "only a fixed-window has a calendar")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"sliding-window","calendar":"day"}""", "$.r.calendar", "only a fixed-window has a calendar")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"concurrency","calendar":"day"}""", "$.r.calendar", "only a fixed-window has a calendar")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"week","timeZone":"UTC"}""", "$.r.calendar", "'week' is unknown; use minute, hour, day, month")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","window":"1d"}""", "$.r.window", "must be left out: the calendar says how long a window is")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","window":"0s"}""", "$.r.window", "must be left out: the calendar says how long a window is")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","window":"x"}""", "$.r.window", NotDuration)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"concurrency","window":"1s"}""", "$.r.window", "must be left out: concurrency has no window")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"concurrency","burst":1}""", "$.r.burst", "only a token-bucket has a burst")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"concurrency","charge":"tokens"}""", "$.r.charge", "must be left out: permits of concurrency are given back, not charged")]
    [InlineData("""{"name":"r","key":["a"],"limit":-1,"algorithm":"concurrency"}""", "$.r.limit", "must be from 0 (reject everything) to 10000000")]
    [InlineData("""{"name":"r","key":["a"],"limit":10000001,"algorithm":"concurrency"}""", "$.r.limit", "must be from 0 (reject everything) to 10000000")]
    [InlineData("""{"name":"r","key":["a"],"limit":3,"algorithm":"concurrency","cost":4}""", "$.r.cost", "must be from 1 to 3, the most that a key can hold; more could never be allowed")]
    [InlineData("""{"name":"r","key":["a"],"limit":9000000,"window":"1001ms","algorithm":"sliding-window"}""", "$.r.limit", "must be from 0 (reject everything) to 8388607 for a window of 1001ms")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","burst":5,"algorithm":"sliding-window"}""", "$.r.burst", "only a token-bucket has a burst")]
    [InlineData("""{"name":"r","key":["a"],"limit":600000001,"algorithm":"fixed-window","calendar":"minute"}""", "$.r.limit", "must be from 0 (reject everything) to 600000000 for a calendar minute")]
    [InlineData("""{"name":"r","key":["a"],"limit":36000000001,"algorithm":"fixed-window","calendar":"hour"}""", "$.r.limit", "must be from 0 (reject everything) to 36000000000 for a calendar hour")]
    [InlineData("""{"name":"r","key":["a"],"limit":274877906944,"algorithm":"fixed-window","calendar":"day"}""", "$.r.limit", "must be from 0 (reject everything) to 274877906943 for a calendar day")]
    [InlineData("""{"name":"r","key":["a"],"limit":-1,"algorithm":"fixed-window","calendar":"month"}""", "$.r.limit", "must be from 0 (reject everything) to 274877906943 for a calendar month")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"window":"1s","timeZone":"UTC"}""", "$.r.timeZone", "only a calendar has a time zone")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","timeZone":3}""", "$.r.timeZone", "must be a string")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","timeZone":""}""", "$.r.timeZone", BadZone)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","timeZone":"../etc/localtime"}""", "$.r.timeZone", BadZone)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","timeZone":"/etc/localtime"}""", "$.r.timeZone", BadZone)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","timeZone":"E. South America Standard Time"}""", "$.r.timeZone", BadZone)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","timeZone":"+03:00"}""", "$.r.timeZone", BadZone)]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","timeZone":"Mars/Base"}""", "$.r.timeZone", "'Mars/Base' is not found in the IANA time zone database of this machine, which has to be installed (package tzdata)")]
    [InlineData("""{"name":"r","key":["a"],"limit":1,"algorithm":"fixed-window","calendar":"day","timeZone":"America"}""", "$.r.timeZone", "'America' is not found in the IANA time zone database of this machine, which has to be installed (package tzdata)")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","cost":-1,"charge":"tokens"}""", "$.r.cost", "must be from 0 to 5, the most that a key can hold; more could never be allowed")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","cost":0}""", "$.r.cost", "must be from 1 to 5, the most that a key can hold; more could never be allowed")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","cost":0,"charge":7}""", "$.r.charge", "must be a string")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","charge":""}""", "$.r.charge", BadCharge)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","charge":"Tokens"}""", "$.r.charge", BadCharge)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","charge":":x"}""", "$.r.charge", BadCharge)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","charge":"response-header:"}""", "$.r.charge", BadCharge)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","charge":"response-header:X Cost"}""", "$.r.charge", BadCharge)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","charge":"response-header:é"}""", "$.r.charge", BadCharge)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":5}""", "$.r.queue", "must be an object")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"maxWait":"1s"}}""", "$.r.queue", "'limit' is missing")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":1}}""", "$.r.queue", "'maxWait' is missing")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":"1","maxWait":"1s"}}""", "$.r.queue.limit", "must be a whole number")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":0,"maxWait":"1s"}}""", "$.r.queue.limit", "must be from 1 to 100000")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":100001,"maxWait":"1s"}}""", "$.r.queue.limit", "must be from 1 to 100000")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":4294967297,"maxWait":"1s"}}""", "$.r.queue.limit", "must be from 1 to 100000")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":1,"maxWait":"0s"}}""", "$.r.queue.maxWait", "must be from 1ms to 1h, in whole milliseconds")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":1,"maxWait":"2h"}}""", "$.r.queue.maxWait", "must be from 1ms to 1h, in whole milliseconds")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":1,"maxWait":1}}""", "$.r.queue.maxWait", NotDuration)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","queue":{"limit":1,"maxWait":"1s","wait":1}}""", "$.r.queue.wait", "is unknown here; known are limit, maxWait")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","allow":"a=b"}""", "$.r.allow", "must be an array of strings")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","allow":["a=b",3]}""", "$.r.allow[1]", "must be a string")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","allow":["10.0.0.0/8"]}""", "$.r.allow[0]", BadEntry)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","deny":["a=192.0.2.0/33"]}""", "$.r.deny[0]", "'a=192.0.2.0/33' looks like a network and is none; one is written as in 10.0.0.0/8")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","deny":["=x"]}""", "$.r.deny[0]", BadEntry)]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","deny":["a=x","a=y","a=x"]}""", "$.r.deny[2]", "'a=x' is already in the list, at [0]")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","enforcePercent":-1}""", "$.r.enforcePercent", "must be from 0 to 100")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","enforcePercent":101}""", "$.r.enforcePercent", "must be from 0 to 100")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","enforcePercent":4294967300}""", "$.r.enforcePercent", "must be from 0 to 100")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","enforcePercent":0.5}""", "$.r.enforcePercent", "must be a whole number")]
    [InlineData("""{"name":"r","key":["a"],"limit":5,"window":"1s","onError":"?"}""", "$.r.onError", "'?' is unknown; use open, closed")]
    public void One_mistake_is_one_error_with_its_path(string json, string path, string message)
    {
        List<RuleError> errors = [];
        Assert.Null(RuleJson.ReadRule(Parse(json), "$.r", errors));
        Assert.Equal([new RuleError(path, message)], errors);
    }

    [Fact]
    public void All_mistakes_of_a_rule_are_told_at_once()
    {
        List<RuleError> errors = [];
        JsonElement json = Parse("""{"name":"?","key":[1,"a","a"],"limit":-1,"window":"2y","burst":-2,"cost":0,"algorithm":"x","mode":true,"extra":1}""");
        RuleJson.ReadRule(json, "$", errors);
        Assert.Equal(
            ["$.algorithm", "$.burst", "$.cost", "$.extra", "$.key[0]", "$.key[2]", "$.limit", "$.mode", "$.name", "$.window"],
            errors.Select(e => e.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_mistakes_of_a_list_are_told_at_once_and_a_broken_rule_still_has_its_name()
    {
        List<RuleError> errors = [];
        IReadOnlyList<RateLimitRule> rules = RuleJson.ReadRules(
            Parse("""[{"name":"a","key":["ip"],"limit":-1,"window":"1s"},3,{"name":"a","key":["ip"],"limit":1,"window":"1s"},{"name":"b","key":["ip"],"limit":1,"window":"x"}]"""),
            "$.rules",
            errors);
        Assert.Equal(
            [
                new RuleError("$.rules[0].limit", "must be from 0 (reject everything) to 10000000 for a window of 1s"),
                new RuleError("$.rules[1]", "must be an object"),
                new RuleError("$.rules[2].name", "the name 'a' is already taken by $.rules[0]"),
                new RuleError("$.rules[3].window", NotDuration),
            ],
            errors);
        Assert.Equal(4, rules.Count);
    }

    [Fact]
    public void A_list_has_to_be_an_array()
    {
        List<RuleError> errors = [];
        Assert.Empty(RuleJson.ReadRules(Parse("{}"), "$.rules", errors));
        Assert.Equal([new RuleError("$.rules", "must be an array of rules")], errors);
    }

    [Fact]
    public void What_is_written_is_read_again() =>
        AnyRule.Complete.Sample(
            rule =>
            {
                RateLimitRule read = Read(Write(rule))!;
                Assert.Equal(rule with { Key = read.Key, Match = read.Match, Allow = read.Allow, Deny = read.Deny }, read);
                Assert.Equal(rule.Key, read.Key);
                Assert.Equal(rule.Allow, read.Allow);
                Assert.Equal(rule.Deny, read.Deny);
                Assert.Equal(rule.Match is null, read.Match is null);
                Assert.Equal(rule.Match?.Path, read.Match?.Path);
                Assert.Equal(rule.Match?.Methods, read.Match?.Methods);
                Assert.Equal(rule.Match?.Hosts, read.Match?.Hosts);
                Assert.Equal(rule.Match?.Headers.OrderBy(h => h.Key), read.Match?.Headers.OrderBy(h => h.Key));
                Assert.Equal(Write(rule), Write(read));
            },
            iter: 2_000);

    [Fact]
    public void Members_with_default_values_are_not_written()
    {
        RateLimitRule concurrency = new() { Name = "r", Key = ["a"], Limit = 5, Algorithm = RateLimitAlgorithm.Concurrency };
        Assert.Equal("""{"name":"r","key":["a"],"algorithm":"concurrency","limit":5,"scope":"local","mode":"enforce"}""", Write(concurrency));
    }

    private static string Write(RateLimitRule rule)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            RuleJson.WriteRule(writer, rule);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static RateLimitRule? Read(string json)
    {
        List<RuleError> errors = [];
        RateLimitRule? rule = RuleJson.ReadRule(Parse(json), "$", errors);
        Assert.Empty(errors);
        return rule;
    }

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
