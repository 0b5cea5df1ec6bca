namespace MeliProxy.RateLimiting.Nats.Tests;

public sealed class NatsSubjectsTests
{
    public static TheoryData<string?> UnusableDomains => new(
        null, "", " ", "a b", "a.b", ".", "a*", ">", "$JS", "a/b", "a\\b", "a\n", "a\0", "é", "٣", "а" /* Cyrillic */, new string('a', 65));

    [Fact]
    public void Subjects_and_bucket_are_those_of_the_contract()
    {
        var subjects = new NatsSubjects("shop-1");

        Assert.Equal("shop-1", subjects.Domain);
        Assert.Equal("meliproxy.shop-1.cmd.rules.list", subjects.RulesList);
        Assert.Equal("meliproxy.shop-1.cmd.rules.get", subjects.RulesGet);
        Assert.Equal("meliproxy.shop-1.cmd.rules.put", subjects.RulesPut);
        Assert.Equal("meliproxy.shop-1.cmd.rules.delete", subjects.RulesDelete);
        Assert.Equal("meliproxy.shop-1.cmd.overrides.list", subjects.OverridesList);
        Assert.Equal("meliproxy.shop-1.cmd.overrides.put", subjects.OverridesPut);
        Assert.Equal("meliproxy.shop-1.cmd.overrides.delete", subjects.OverridesDelete);
        Assert.Equal("meliproxy.shop-1.cmd.usage.query", subjects.UsageQuery);
        Assert.Equal("meliproxy.shop-1.cmd.top", subjects.Top);
        Assert.Equal("meliproxy.shop-1.cmd.nodes", subjects.Nodes);
        Assert.Equal("meliproxy.shop-1.lease.>", subjects.Leases);
        Assert.Equal("meliproxy.shop-1.lease.nodes", subjects.LeaseNodes);
        Assert.Equal("meliproxy.shop-1.lease.shard.31", subjects.LeaseShard(31));
        Assert.Equal("meliproxy.shop-1.lease.node.000000000000beef.answer", subjects.LeaseNode(0xbeef, "answer"));
        Assert.Equal("meliproxy.shop-1.lease.node.ffffffffffffffff.7", subjects.LeaseNode(ulong.MaxValue, "7"));
        Assert.Equal("meliproxy-shop-1", subjects.Bucket);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("default")]
    [InlineData("-")]
    [InlineData("_")]
    [InlineData("ABCXYZ_abcxyz-0189")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_domain_of_1_to_64_letters_digits_underscores_and_hyphens_is_taken_as_it_is(string domain)
    {
        Assert.True(NatsSubjects.TryCreate(domain, out NatsSubjects? subjects));
        Assert.Equal(domain, subjects.Domain);
        Assert.Equal(subjects.Bucket, new NatsSubjects(domain).Bucket);
    }

    [Theory]
    [MemberData(nameof(UnusableDomains))]
    public void Any_other_domain_is_refused(string? domain)
    {
        Assert.False(NatsSubjects.TryCreate(domain, out NatsSubjects? subjects));
        Assert.Null(subjects);
        Assert.ThrowsAny<ArgumentException>(() => new NatsSubjects(domain!));
    }

    [Fact]
    public void The_refusal_names_the_range()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>("domain", () => new NatsSubjects("a.b"));

        Assert.Contains("1 to 64", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("a-z, A-Z, 0-9, '_' and '-'", refusal.Message, StringComparison.Ordinal);
    }
}
