using System.Text.Json;

namespace MeliProxy.Sidecar.Tests.Demo;

public sealed class CategoryTests(StandInFixture standIn) : IClassFixture<StandInFixture>
{
    [Fact]
    public async Task MLA97994_is_the_32GB_iPhone_4S_of_Argentina()
    {
        JsonElement category = await standIn.GetJsonAsync("/categories/MLA97994");

        Assert.Equal("MLA97994", category.GetProperty("id").GetString());
        Assert.Equal("32GB", category.GetProperty("name").GetString());
        Assert.Equal(
            ["Celulares y Teléfonos", "Celulares y Smartphones", "iPhone", "iPhone 4S", "32GB"],
            category.GetProperty("path_from_root").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
        Assert.Equal(0, category.GetProperty("children_categories").GetArrayLength());
        Assert.Equal("MLA-CELLPHONES", category.GetProperty("settings").GetProperty("catalog_domain").GetString());
        Assert.Equal("ARS", category.GetProperty("settings").GetProperty("currencies")[0].GetString());
    }

    [Theory]
    [InlineData("MLA97994")]
    [InlineData("MLA1459")]
    [InlineData("MLB123456789")]
    public async Task A_category_has_the_members_that_the_real_API_documents(string id)
    {
        JsonElement category = await standIn.GetJsonAsync($"/categories/{id}");

        Assert.Equal(
            [
                "id", "name", "picture", "permalink", "total_items_in_this_category", "path_from_root", "children_categories",
                "attribute_types", "settings", "channels_settings", "meta_categ_id", "attributable", "date_created",
            ],
            category.EnumerateObject().Select(member => member.Name));
        Assert.InRange(category.GetRawText().Length, 1400, 6000);
    }

    [Fact]
    public async Task Children_name_their_parent_and_are_counted_in_it()
    {
        JsonElement parent = await standIn.GetJsonAsync("/categories/MLM1051");
        JsonElement[] children = [.. parent.GetProperty("children_categories").EnumerateArray()];
        int sum = 0;
        foreach (JsonElement child in children)
        {
            JsonElement itself = await standIn.GetJsonAsync($"/categories/{child.GetProperty("id").GetString()}");
            Assert.Equal("MLM1051", itself.GetProperty("path_from_root")[0].GetProperty("id").GetString());
            Assert.Equal(itself.GetProperty("name").GetString(), child.GetProperty("name").GetString());
            int total = itself.GetProperty("total_items_in_this_category").GetInt32();
            Assert.Equal(total, child.GetProperty("total_items_in_this_category").GetInt32());
            sum += total;
        }

        Assert.NotEmpty(children);
        Assert.InRange(parent.GetProperty("total_items_in_this_category").GetInt32(), sum + 1, int.MaxValue);
    }

    [Fact]
    public async Task A_number_in_no_table_is_a_leaf_below_a_real_root()
    {
        JsonElement category = await standIn.GetJsonAsync("/categories/MLA99999999999999999999999999");
        JsonElement roots = await standIn.GetJsonAsync("/sites/MLA/categories");

        JsonElement path = category.GetProperty("path_from_root");
        Assert.Equal("MLA99999999999999999999999999", path[path.GetArrayLength() - 1].GetProperty("id").GetString());
        Assert.Contains(
            path[0].GetProperty("id").GetString(), roots.EnumerateArray().Select(root => root.GetProperty("id").GetString()));
        Assert.Equal(0, category.GetProperty("children_categories").GetArrayLength());
    }

    [Fact]
    public async Task Brazil_is_answered_in_Portuguese()
    {
        JsonElement category = await standIn.GetJsonAsync("/categories/MLB1051");

        Assert.Equal("Celulares e Telefones", category.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Letters_with_accents_are_sent_as_they_are()
    {
        string text = await standIn.Client.GetStringAsync(
            new Uri("/categories/MLA1051", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Contains("Celulares y Teléfonos", text, StringComparison.Ordinal);
    }
}
