using System.Text.Json;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Rules;

/// <summary>What a shared rule can be, and what only a shared one can say.</summary>
public sealed class SharedRuleTests
{
    [Theory]
    [InlineData(
        """{"name":"r","key":["a"],"limit":1,"algorithm":"concurrency","scope":"shared"}""",
        "$.scope",
        "concurrency cannot be shared: nobody can tell whether what a lost process held has ended; make it local")]
    [InlineData(
        """{"name":"r","key":["a"],"limit":1,"window":"999ms","algorithm":"fixed-window","scope":"shared"}""",
        "$.window",
        "must be 1s or longer for a shared rule, as leases take a few milliseconds; share a token-bucket, or make it local")]
    [InlineData(
        """{"name":"r","key":["a"],"limit":1,"window":"100ms","algorithm":"sliding-window","scope":"shared"}""",
        "$.window",
        "must be 1s or longer for a shared rule, as leases take a few milliseconds; share a token-bucket, or make it local")]
    [InlineData(
        """{"name":"r","key":["a"],"limit":2000000,"window":"1s","cost":1000001,"scope":"shared"}""",
        "$.cost",
        "must be at most 1000000 for a shared rule")]
    [InlineData(
        """{"name":"r","key":["a"],"limit":1,"window":"1s","onPartition":"closed"}""",
        "$.onPartition",
        "is for rules with \"scope\": \"shared\" only; a local rule is never cut off")]
    [InlineData(
        """{"name":"r","key":["a"],"limit":1,"window":"1s","coldStart":"wait"}""",
        "$.coldStart",
        "is for rules with \"scope\": \"shared\" only; a local rule has nobody to ask")]
    [InlineData(
        """{"name":"r","key":["a"],"limit":1,"window":"1s","scope":"shared","coldStart":"hot"}""",
        "$.coldStart",
        "'hot' is unknown; use optimistic, wait")]
    [InlineData(
        """{"name":"r","key":["a"],"limit":1,"window":"1s","scope":"shared","onPartition":"shut"}""",
        "$.onPartition",
        "'shut' is unknown; use share, local, open, closed")]
    public void What_cannot_be_shared_is_said(string json, string path, string message)
    {
        List<RuleError> errors = [];
        using JsonDocument document = JsonDocument.Parse(json);

        Assert.Null(RuleJson.ReadRule(document.RootElement, "$", errors));
        RuleError error = Assert.Single(errors);
        Assert.Equal(path, error.Path);
        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("share", PartitionBehavior.Share)]
    [InlineData("local", PartitionBehavior.Local)]
    [InlineData("open", PartitionBehavior.Open)]
    [InlineData("closed", PartitionBehavior.Closed)]
    public void A_shared_rule_says_what_happens_when_it_is_cut_off(string word, PartitionBehavior expected)
    {
        List<RuleError> errors = [];
        using JsonDocument document = JsonDocument.Parse(
            $$"""{"name":"r","key":["a"],"limit":1,"window":"1ms","scope":"shared","onPartition":"{{word}}","coldStart":"wait"}""");
        RateLimitRule? rule = RuleJson.ReadRule(document.RootElement, "$", errors);

        Assert.Empty(errors);
        Assert.Equal(expected, rule!.OnPartition);
        Assert.Equal(ColdStartBehavior.Wait, rule.ColdStart);
    }
}
