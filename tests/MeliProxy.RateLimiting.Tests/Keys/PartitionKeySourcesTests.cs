using MeliProxy.RateLimiting.Keys;
using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.RateLimiting.Tests.Keys;

public class PartitionKeySourcesTests
{
    private static readonly RateLimitRule Rule = new() { Name = "r", Key = ["x"], Limit = 1, Window = TimeSpan.FromSeconds(1) };

    [Fact]
    public void Global_is_always_there_and_names_are_sorted() =>
        Assert.Equal(["a", "global", "z-1"], new PartitionKeySources<string>().Add("z-1", r => r).Add("a", r => r).Names);

    [Theory]
    [InlineData("")]
    [InlineData("Tenant")]
    [InlineData("a b")]
    [InlineData("a:b")]
    [InlineData("ä")]
    public void A_malformed_name_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new PartitionKeySources<string>().Add(name, r => r));

    [Fact]
    public void A_taken_name_is_refused() =>
        Assert.Throws<ArgumentException>(() => new PartitionKeySources<string>().Add("global", r => r));

    [Fact]
    public void An_unknown_part_is_answered_with_the_known_ones()
    {
        Assert.False(new PartitionKeySources<string>().Add("tenant", r => r).TryResolve("tenent", Rule, out _, out string? error));
        Assert.Equal("the key part 'tenent' is unknown; known are global, tenant", error);
    }

    [Fact]
    public void A_plain_part_takes_no_argument()
    {
        Assert.False(new PartitionKeySources<string>().TryResolve("global:x", Rule, out _, out string? error));
        Assert.Equal("the key part 'global' takes no ':' argument", error);
    }

    [Theory]
    [InlineData("part", null)]
    [InlineData("part:", "")]
    [InlineData("part:X-Key", "X-Key")]
    [InlineData("part:a:b", "a:b")]
    public void A_factory_gets_the_rule_and_what_stands_behind_the_first_colon(string part, string? argument)
    {
        PartitionKeyRequest? seen = null;
        PartitionKeySources<string> sources = new();
        sources.AddFactory(
            "part",
            request =>
            {
                seen = request;
                return new Nothing();
            });
        Assert.True(sources.TryResolve(part, Rule, out _, out _));
        Assert.Equal(new PartitionKeyRequest(Rule, argument), seen);
    }

    [Fact]
    public void What_a_factory_objects_to_is_the_error()
    {
        PartitionKeySources<string> sources = new();
        sources.AddFactory("part", _ => throw new ArgumentException("not today"));
        Assert.False(sources.TryResolve("part", Rule, out _, out string? error));
        Assert.Equal("not today", error);
    }

    private sealed class Nothing : IPartitionKeySource<string>
    {
        public bool TryWrite(string resource, ref PartitionKeyWriter writer) => false;
    }
}
