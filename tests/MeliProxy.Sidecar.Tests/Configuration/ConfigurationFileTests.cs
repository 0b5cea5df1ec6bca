using System.Text;
using MeliProxy.Sidecar.Configuration;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class ConfigurationFileTests
{
    [Fact]
    public void Comments_and_trailing_commas_are_allowed() =>
        Assert.Equal(
            7,
            ConfigurationFolder.LoadValid("""
                // one
                { /* two
                     three */
                  "limits": { "maxKeys": 7, /* four */ }, // five
                }
                // six
                """).Limits.MaxKeys);

    [Theory]
    [InlineData("{\n/* a\n b */\n// c\n\"limits\": {\n\"maxKeys\": 0 } }", 6)]
    [InlineData("{\r\n/* a\r\n b */\r\n// c\r\n\"limits\": {\r\n\"maxKeys\": 0 } }", 6)]
    [InlineData("\uFEFF{\n\"limits\": { \"maxKeys\":\n\n0 } }", 2)]
    [InlineData("\uFEFF\r\n\r\n{ \"limits\": { \"maxKeys\": 0 } }", 3)]
    public void Lines_are_counted_through_comments_line_ends_and_byte_order_marks(string json, int line) =>
        Assert.Equal($"meliproxy.json:{line}", Assert.Single(ConfigurationFolder.Load(json).Errors).Origin);

    [Theory]
    [InlineData("{\n  \"listen\" 5 }", "meliproxy.json:2:12: $: is no JSON: '5' cannot stand here")]
    [InlineData("{\n  \"añb\": hunter2 }", "meliproxy.json:2:10: $: is no JSON: 'h' cannot stand here")]
    [InlineData("{ \"a\": 1 \"b\": 2 }", "meliproxy.json:1:10: $: is no JSON: '\"' cannot stand here")]
    [InlineData("{}\n{}", "meliproxy.json:2:1: $: is no JSON: '{' cannot stand here")]
    [InlineData("{ \"a\": [ 1", "meliproxy.json:1:11: $: is no JSON: it ends before")]
    [InlineData("\uFEFF/* a\n*/ { ]", "meliproxy.json:2:6: $: is no JSON: ']' cannot stand here")]
    [InlineData("{ \"a\": \"b\n\" }", "meliproxy.json:1:10: $: is no JSON: a text is not closed on its line")]
    [InlineData("{ \"a\":\n \"\\ud800\" }", "meliproxy.json:2:2: $: a text holds an escape that stands for half a character")]
    [InlineData("  \n", "meliproxy.json:")]
    [InlineData("[]", "meliproxy.json:1: $: must be an object")]
    public void What_is_no_JSON_is_named_with_line_and_column(string json, string error)
    {
        string only = Assert.Single(ConfigurationFolder.ErrorsOf(json));
        Assert.StartsWith(error, only, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", only, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_in_another_encoding_is_refused()
    {
        using ConfigurationFolder folder = new();
        folder.Write("meliproxy.json", Encoding.Unicode.GetPreamble());

        Assert.Equal("meliproxy.json:1:1: $: is not UTF-8 text", Assert.Single(folder.LoadHere(null).Errors).ToString());
    }

    [Fact]
    public void Depth_has_a_limit()
    {
        string json = string.Concat(Enumerable.Repeat("[", 65));

        Assert.Contains("nested deeper than 64", Assert.Single(ConfigurationFolder.ErrorsOf($$"""{ "rules": {{json}}""")), StringComparison.Ordinal);
    }

    [Fact]
    public void Length_has_a_limit()
    {
        using ConfigurationFolder folder = new();
        folder.Write("meliproxy.json", new byte[(16 * 1024 * 1024) + 1]);

        Assert.Equal("meliproxy.json: $: is larger than 16 MB", Assert.Single(folder.LoadHere(null).Errors).ToString());
    }

    [Fact]
    public void A_named_file_has_to_exist()
    {
        using ConfigurationFolder folder = new();

        ConfigurationResult result = ConfigurationLoader.Load(new ConfigurationSources { File = "conf/other.json", Folder = folder.Path });

        Assert.Equal("conf/other.json: $: there is no such file", Assert.Single(result.Errors).ToString());
    }

    [Fact]
    public void A_configuration_that_is_built_in_stands_for_the_default_file_only()
    {
        using ConfigurationFolder folder = new();
        folder.Write("meliproxy.json", """{ "limits": { "maxKeys": 1 } }"""u8.ToArray());
        ConfigurationSources sources = new() { Folder = folder.Path, BuiltIn = """{ "limits": { "maxKeys": 2 } }"""u8.ToArray() };

        Assert.Equal(2, ConfigurationLoader.Load(sources).Configuration!.Limits.MaxKeys);
        Assert.Equal(1, ConfigurationLoader.Load(sources with { File = "meliproxy.json" }).Configuration!.Limits.MaxKeys);
        Assert.Equal(
            "built-in configuration:1: $.colour: is unknown here",
            Assert.Single(ConfigurationLoader.Load(sources with { BuiltIn = """{ "colour": 1 }"""u8.ToArray() }).Errors).ToString().Split(';')[0]);
    }

    [Fact]
    public void A_folder_is_no_configuration_file()
    {
        using ConfigurationFolder folder = new();

        ConfigurationResult result = ConfigurationLoader.Load(new ConfigurationSources { File = folder.Path, Folder = "/" });

        Assert.Equal($"{folder.Path}: $: is a folder, not a file", Assert.Single(result.Errors).ToString());
    }

    [Fact]
    public void Unknown_variables_are_named_even_if_the_file_is_no_JSON() =>
        Assert.Equal(2, ConfigurationFolder.ErrorsOf("{", ("MELIPROXY__COLOUR", "red")).Length);
}
