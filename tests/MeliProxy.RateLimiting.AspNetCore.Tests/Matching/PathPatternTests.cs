using CsCheck;
using MeliProxy.RateLimiting.AspNetCore.Matching;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Matching;

public sealed class PathPatternTests
{
    [Theory]
    [InlineData("/", "/", true)]
    [InlineData("/", "/a", false)]
    [InlineData("/items", "/items", true)]
    [InlineData("/items", "/Items", true)]
    [InlineData("/items", "/item", false)]
    [InlineData("/items", "/items/a", false)]
    [InlineData("/items", "/", false)]
    [InlineData("/items/{id}", "/items/MLA1", true)]
    [InlineData("/items/{id}", "/ITEMS/MLA1", true)]
    [InlineData("/items/{id}", "/items", false)]
    [InlineData("/items/{id}", "/items/MLA1/x", false)]
    [InlineData("/items/{id}/description", "/items/MLA1/description", true)]
    [InlineData("/items/{id}/description", "/items/MLA1/pictures", false)]
    [InlineData("/{a}/{b}", "/x/y", true)]
    [InlineData("/{a}/{b}", "/x", false)]
    [InlineData("/categories/{**rest}", "/categories", true)]
    [InlineData("/categories/{**rest}", "/categories/a", true)]
    [InlineData("/categories/{**rest}", "/categories/a/b/c", true)]
    [InlineData("/categories/{**rest}", "/categoriesa", false)]
    [InlineData("/categories/{*rest}", "/categories/a/b", true)]
    [InlineData("/{**all}", "/", true)]
    [InlineData("/{**all}", "/a/b", true)]
    [InlineData("/sites/{site}/{**rest}", "/sites/MLA/search", true)]
    [InlineData("/sites/{site}/{**rest}", "/sites", false)]
    [InlineData("/.well-known/{x}", "/.well-known/a", true)]
    [InlineData("/café", "/CAFÉ", true)]
    public void A_pattern_matches_segment_by_segment(string pattern, string path, bool expected)
    {
        Assert.True(PathPattern.TryParse(pattern, out PathPattern? parsed, out string? error), error);
        Assert.Equal(expected, parsed.IsMatch(path));
    }

    [Theory]
    [InlineData("", "begins with '/'")]
    [InlineData("items", "begins with '/'")]
    [InlineData("{id}", "begins with '/'")]
    [InlineData("/items/", "write '/items'")]
    [InlineData("//items", "write '/items'")]
    [InlineData("/items/../x", "write '/x'")]
    [InlineData("/caf%C3%A9", "write '/café'")]
    [InlineData("/a\\b", "write '/a/b'")]
    [InlineData("/items?q=1", "no query or fragment")]
    [InlineData("/items#a", "no query or fragment")]
    [InlineData("/items/*", "'*' is no wildcard")]
    [InlineData("/items/**", "'**' is no wildcard")]
    [InlineData("/items/ML*", "'ML*' is no wildcard")]
    [InlineData("/items/{id}.json", "mixes text and a parameter")]
    [InlineData("/items/x{id}", "mixes text and a parameter")]
    [InlineData("/items/{a}{b}", "mixes text and a parameter")]
    [InlineData("/items/{id", "mixes text and a parameter")]
    [InlineData("/items/id}", "mixes text and a parameter")]
    [InlineData("/items/{}", "'{}' is no parameter")]
    [InlineData("/items/{**}", "'{**}' is no parameter")]
    [InlineData("/items/{***x}", "'{***x}' is no parameter")]
    [InlineData("/items/{id:int}", "'{id:int}' is no parameter")]
    [InlineData("/items/{id?}", "no query or fragment")]
    [InlineData("/items/{id=1}", "'{id=1}' is no parameter")]
    [InlineData("/items/{a b}", "'{a b}' is no parameter")]
    [InlineData("/{a}}", "'{a}}' is no parameter")]
    [InlineData("/{**rest}/x", "has to be the last segment")]
    [InlineData("/{**rest}/{**more}", "has to be the last segment")]
    [InlineData("/{id}/{ID}", "'ID' appears twice")]
    [InlineData("/{id}/{**id}", "'id' appears twice")]
    public void A_malformed_pattern_is_refused_with_a_reason(string pattern, string expected)
    {
        Assert.False(PathPattern.TryParse(pattern, out PathPattern? parsed, out string? error));
        Assert.Null(parsed);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_matches_every_path_made_from_it() =>
        Gen.Select(Gen.Bool.Array[1, 6], Gen.Bool, Gen.Int[0, 3]).Sample((isLiteral, hasRest, restLength) =>
        {
            string pattern = string.Concat(isLiteral.Select((literal, i) => literal ? $"/s{i}" : $"/{{p{i}}}")) + (hasRest ? "/{**rest}" : "");
            string path = string.Concat(isLiteral.Select((literal, i) => literal ? $"/S{i}" : $"/any{i}"));
            Assert.True(PathPattern.TryParse(pattern, out PathPattern? parsed, out _));

            string longer = path + string.Concat(Enumerable.Repeat("/x", restLength));

            Assert.Equal(hasRest || restLength == 0, parsed.IsMatch(longer));
            Assert.False(parsed.IsMatch(path[..path.LastIndexOf('/')] is { Length: > 0 } shorter ? shorter : "/"));
        });

    [Fact]
    public void Any_text_whatever_is_parsed_or_refused() =>
        Gen.Char["/{}*?#%2Fab.\\"].Array[0, 12].Sample(
            characters => Assert.NotEqual(
                PathPattern.TryParse(new string(characters), out PathPattern? pattern, out string? error),
                pattern is null && error is not null),
            iter: 20_000);
}
