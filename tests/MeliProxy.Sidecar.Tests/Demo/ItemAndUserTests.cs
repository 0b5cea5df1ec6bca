using System.Text.Json;

namespace MeliProxy.Sidecar.Tests.Demo;

public sealed class ItemAndUserTests(StandInFixture standIn) : IClassFixture<StandInFixture>
{
    [Fact]
    public async Task An_item_has_the_members_that_the_real_API_documents()
    {
        JsonElement item = await standIn.GetJsonAsync("/items/MLA1531913762");

        Assert.Equal("MLA1531913762", item.GetProperty("id").GetString());
        Assert.Equal("MLA", item.GetProperty("site_id").GetString());
        Assert.Equal("ARS", item.GetProperty("currency_id").GetString());
        Assert.InRange(item.GetProperty("price").GetDecimal(), 1, 100_000_000);
        Assert.NotEmpty(item.GetProperty("pictures").EnumerateArray());
        foreach (string member in (string[])
            [
                "title", "seller_id", "category_id", "base_price", "original_price", "initial_quantity", "available_quantity",
                "sold_quantity", "sale_terms", "buying_mode", "listing_type_id", "start_time", "stop_time", "condition", "permalink",
                "thumbnail", "accepts_mercadopago", "shipping", "seller_address", "attributes", "variations", "status", "tags",
                "warranty", "domain_id", "date_created", "last_updated", "channels",
            ])
        {
            Assert.True(item.TryGetProperty(member, out _), member);
        }
    }

    [Fact]
    public async Task An_item_refers_to_a_category_and_a_seller_of_its_own_site()
    {
        JsonElement item = await standIn.GetJsonAsync("/items/MLC900000001");
        JsonElement category = await standIn.GetJsonAsync($"/categories/{item.GetProperty("category_id").GetString()}");
        JsonElement seller = await standIn.GetJsonAsync($"/users/{item.GetProperty("seller_id").GetInt64()}");

        Assert.StartsWith("MLC", category.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("MLC", seller.GetProperty("site_id").GetString());
    }

    [Fact]
    public async Task A_user_has_the_public_members_and_a_reputation()
    {
        JsonElement user = await standIn.GetJsonAsync("/users/202593498");

        Assert.Equal(202593498, user.GetProperty("id").GetInt64());
        Assert.NotEqual("", user.GetProperty("nickname").GetString());
        string? state = user.GetProperty("address").GetProperty("state").GetString();
        Assert.StartsWith(user.GetProperty("country_id").GetString() + "-", state, StringComparison.Ordinal);
        JsonElement ratings = user.GetProperty("seller_reputation").GetProperty("transactions").GetProperty("ratings");
        Assert.Equal(1m, ratings.EnumerateObject().Sum(rating => rating.Value.GetDecimal()));
        Assert.Equal("active", user.GetProperty("status").GetProperty("site_status").GetString());
    }

    [Fact]
    public async Task Currencies_are_listed_and_each_site_uses_one_of_them()
    {
        JsonElement currencies = await standIn.GetJsonAsync("/currencies");
        JsonElement sites = await standIn.GetJsonAsync("/sites");
        string?[] known = [.. currencies.EnumerateArray().Select(currency => currency.GetProperty("id").GetString())];

        Assert.Contains("ARS", known);
        Assert.All(sites.EnumerateArray(), site => Assert.Contains(site.GetProperty("default_currency_id").GetString(), known));
        Assert.Equal(0, (await standIn.GetJsonAsync("/currencies/CLP")).GetProperty("decimal_places").GetInt32());
    }
}
