using System.Net;
using System.Text.Json;

namespace MeliProxy.Sidecar.Tests.Demo;

public sealed class SearchTests(StandInFixture standIn) : IClassFixture<StandInFixture>
{
    [Fact]
    public async Task A_search_without_paging_gives_the_first_50()
    {
        JsonElement search = await standIn.GetJsonAsync("/sites/MLA/search?q=celular%20samsung");

        Assert.Equal("celular samsung", search.GetProperty("query").GetString());
        Assert.Equal(0, search.GetProperty("paging").GetProperty("offset").GetInt32());
        Assert.Equal(50, search.GetProperty("paging").GetProperty("limit").GetInt32());
        Assert.InRange(search.GetProperty("paging").GetProperty("total").GetInt32(), 50, int.MaxValue);
        Assert.Equal(50, search.GetProperty("results").GetArrayLength());
        Assert.Equal("relevance", search.GetProperty("sort").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Results_have_the_words_that_were_searched_whatever_their_accents()
    {
        JsonElement search = await standIn.GetJsonAsync("/sites/MLA/search?q=TELEFONO+inalambrico&limit=5");

        Assert.All(
            search.GetProperty("results").EnumerateArray(),
            result => Assert.StartsWith("Teléfono Inalámbrico", result.GetProperty("title").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pages_are_parts_of_one_list()
    {
        string[] whole = await IdsAsync("/sites/MLB/search?q=notebook&limit=10");
        string[] part = await IdsAsync("/sites/MLB/search?q=notebook&limit=3&offset=4");

        Assert.Equal(whole[4..7], part);
        Assert.Equal(whole.Length, whole.Distinct().Count());
    }

    [Fact]
    public async Task A_result_is_the_item_that_its_id_gives()
    {
        JsonElement search = await standIn.GetJsonAsync("/sites/MLM/search?q=guitarra&limit=1");
        JsonElement result = search.GetProperty("results")[0];
        JsonElement item = await standIn.GetJsonAsync($"/items/{result.GetProperty("id").GetString()}");

        Assert.Equal(item.GetProperty("title").GetString(), result.GetProperty("title").GetString());
        Assert.Equal(item.GetProperty("price").GetDecimal(), result.GetProperty("price").GetDecimal());
        Assert.Equal(item.GetProperty("seller_id").GetInt64(), result.GetProperty("seller").GetProperty("id").GetInt64());
    }

    [Fact]
    public async Task A_category_narrows_the_search_to_what_is_below_it()
    {
        JsonElement search = await standIn.GetJsonAsync("/sites/MLA/search?category=MLA1648&limit=20");
        foreach (JsonElement result in search.GetProperty("results").EnumerateArray())
        {
            JsonElement category = await standIn.GetJsonAsync($"/categories/{result.GetProperty("category_id").GetString()}");
            Assert.Equal("MLA1648", category.GetProperty("path_from_root")[0].GetProperty("id").GetString());
        }

        Assert.Equal(20, search.GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task A_limit_above_50_counts_as_50()
    {
        JsonElement search = await standIn.GetJsonAsync("/sites/MLA/search?q=tv&limit=500");

        Assert.Equal(50, search.GetProperty("paging").GetProperty("limit").GetInt32());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?q=")]
    [InlineData("?q=tv&offset=-1")]
    [InlineData("?q=tv&offset=1001")]
    [InlineData("?q=tv&limit=many")]
    [InlineData("?category=MLB1648")]
    public async Task A_search_that_cannot_be_understood_is_a_bad_request(string query)
    {
        using HttpResponseMessage response = await standIn.SendAsync(HttpMethod.Get, "/sites/MLA/search" + query);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        JsonElement error = JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("bad_request", error.GetProperty("error").GetString());
    }

    private async Task<string[]> IdsAsync(string path)
    {
        JsonElement search = await standIn.GetJsonAsync(path);
        return [.. search.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("id").GetString()!)];
    }
}
