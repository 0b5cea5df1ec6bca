using System.Diagnostics;
using CsCheck;
using MeliProxy.RateLimiting.AspNetCore.Matching;
using Microsoft.AspNetCore.Http;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Matching;

public sealed class CanonicalPathTests
{
    [Theory]
    [InlineData("", "/")]
    [InlineData("/", "/")]
    [InlineData("//", "/")]
    [InlineData("/.", "/")]
    [InlineData("/..", "/")]
    [InlineData("/../..", "/")]
    [InlineData("*", "/*")]
    [InlineData("items", "/items")]
    [InlineData("/items/MLA1", "/items/MLA1")]
    [InlineData("/Items/mla1", "/Items/mla1")]
    [InlineData("/items/MLA1/", "/items/MLA1")]
    [InlineData("/items//MLA1", "/items/MLA1")]
    [InlineData("///items///MLA1///", "/items/MLA1")]
    [InlineData("/items/./MLA1", "/items/MLA1")]
    [InlineData("/items/x/../MLA1", "/items/MLA1")]
    [InlineData("/items/MLA1/..", "/items")]
    [InlineData("/items/MLA1/.", "/items/MLA1")]
    [InlineData("/../items/MLA1", "/items/MLA1")]
    [InlineData("/a/b/../../../items/MLA1", "/items/MLA1")]
    [InlineData("\\items\\MLA1", "/items/MLA1")]
    [InlineData("/items\\..\\items/MLA1", "/items/MLA1")]
    [InlineData("/items%2FMLA1", "/items/MLA1")]
    [InlineData("/items%2fMLA1%2f", "/items/MLA1")]
    [InlineData("/items%5CMLA1", "/items/MLA1")]
    [InlineData("/items/%2e/MLA1", "/items/MLA1")]
    [InlineData("/items/x/%2E%2e/MLA1", "/items/MLA1")]
    [InlineData("/items%2F..%2Fitems%2FMLA1", "/items/MLA1")]
    [InlineData("%2Fitems/MLA1", "/items/MLA1")]
    [InlineData("/%69tems/MLA1", "/items/MLA1")]
    [InlineData("/%2569tems/MLA1", "/items/MLA1")]
    [InlineData("/%25252569tems/MLA1", "/items/MLA1")]
    [InlineData("/%%36%39tems/MLA1", "/items/MLA1")]
    [InlineData("/%2%36%39tems/MLA1", "/&9tems/MLA1")]
    [InlineData("/items/%252e%252e/x", "/x")]
    [InlineData("/caf%C3%A9", "/café")]
    [InlineData("/caf%c3%a9", "/café")]
    [InlineData("/caf%25C3%25A9", "/café")]
    [InlineData("/%F0%9F%98%80", "/😀")]
    [InlineData("/%E2%82%AC", "/€")]
    [InlineData("/café", "/café")]
    [InlineData("/100%", "/100%")]
    [InlineData("/100%zz", "/100%zz")]
    [InlineData("/100%4", "/100%4")]
    [InlineData("/%", "/%")]
    [InlineData("/%c3", "/%C3")]
    [InlineData("/%c0%af", "/%C0%AF")]
    [InlineData("/%ed%a0%80", "/%ED%A0%80")]
    [InlineData("/%a9", "/%A9")]
    [InlineData("/%a9%a9%a9%a9%a9", "/%A9%A9%A9%A9%A9")]
    [InlineData("/%c3%c3%a9", "/%C3é")]
    [InlineData("/.well-known/x", "/.well-known/x")]
    [InlineData("/a/...", "/a/...")]
    [InlineData("/a/..b", "/a/..b")]
    [InlineData("/a b", "/a b")]
    [InlineData("/a%20b+c", "/a b+c")]
    [InlineData("/a%00b", "/a\0b")]
    [InlineData("/a;b=1,2", "/a;b=1,2")]
    public void A_path_has_one_canonical_form(string path, string expected) => Assert.Equal(expected, Canonical(path));

    [Theory]
    [InlineData("/api", "/items", "/api/items")]
    [InlineData("/api/", "/items", "/api/items")]
    [InlineData("/api", "", "/api")]
    [InlineData("/api", "/", "/api")]
    [InlineData("/api", "/../x", "/x")]
    public void The_path_base_is_part_of_the_path(string pathBase, string path, string expected)
    {
        HttpRequest request = Requests.To("GET", path).Request;
        request.PathBase = pathBase;

        using CanonicalPath canonical = CanonicalPath.Of(request);

        Assert.Equal(expected, canonical.Value);
    }

    [Fact]
    public void The_canonical_form_of_a_canonical_form_is_itself() =>
        Paths.Sample(path => Assert.Equal(Canonical(path), Canonical(Canonical(path))), iter: 50_000);

    [Fact]
    public void A_canonical_path_is_rooted_and_has_no_empty_dot_or_trailing_segment() =>
        Paths.Sample(
            path =>
            {
                string canonical = Canonical(path);
                Assert.StartsWith("/", canonical, StringComparison.Ordinal);
                Assert.DoesNotContain('\\', canonical);
                if (canonical != "/")
                {
                    Assert.All(canonical[1..].Split('/'), segment => Assert.False(segment is "" or "." or ".."));
                }
            },
            iter: 50_000);

    [Fact]
    public void Percent_encoding_any_of_a_path_any_number_of_times_does_not_change_its_form() =>
        Gen.Select(Paths, Gen.Int[0, 3].Array[1, 12]).Sample(
            (path, depths) =>
            {
                string encoded = string.Concat(path.Select((c, i) => Encode(c, depths[i % depths.Length])));
                Assert.Equal(Canonical(path), Canonical(encoded));
            },
            iter: 50_000);

    [Fact]
    public void Any_text_whatever_is_taken() => Gen.String.Sample(text => Assert.StartsWith("/", Canonical(text), StringComparison.Ordinal));

    [Fact]
    public void Deeply_nested_escapes_are_decoded_in_linear_time()
    {
        string path = $"/%{string.Concat(Enumerable.Repeat("25", 500_000))}41{string.Concat(Enumerable.Repeat("/..", 200_000))}";
        long start = Stopwatch.GetTimestamp();

        Assert.Equal("/", Canonical(path));
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/categories/MLA97994")]
    [InlineData("/.well-known/x")]
    [InlineData("/categories//%2569tems/../MLA97994/caf%C3%A9/")]
    public void Neither_a_canonical_path_nor_another_allocates(string path)
    {
        HttpRequest request = Requests.To("GET", path).Request;

        Assert.Equal(0, Allocation.Of(() => CanonicalPath.Of(request).Dispose()));
    }

    [Fact]
    public void A_canonical_path_is_used_as_it_is()
    {
        string path = "/categories/MLA97994";

        Assert.True(CanonicalPath.Of(default, path).Value == path.AsSpan());
    }

    /// <summary>Paths rich in what has a meaning.</summary>
    private static readonly Gen<string> Paths =
        Gen.OneOfConst("/", "//", ".", "..", "\\", "%", "2", "5", "25", "%2F", "%2e", "%5c", "%25", "%C3", "%a9", "%F0", "a", "B", "é", "4", "1")
            .Array[0, 16].Select(string.Concat);

    private static string Encode(char c, int depth)
    {
        // Only ASCII is encoded: a byte outside it could complete a UTF-8 sequence that was broken before.
        if (depth == 0 || c > 0x7f)
        {
            return c.ToString();
        }

        return $"%{string.Concat(Enumerable.Repeat("25", depth - 1))}{(int)c:x2}";
    }

    private static string Canonical(string path)
    {
        using CanonicalPath canonical = CanonicalPath.Of(default, path);
        return canonical.Value.ToString();
    }
}
