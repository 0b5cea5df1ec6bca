using MeliProxy.Sidecar.Configuration;
using MeliProxy.Sidecar.FunctionalTests.Infrastructure;

namespace MeliProxy.Sidecar.Tests.Configuration;

public sealed class StoreFileCheckTests
{
    [Theory]
    [InlineData("meliproxy.json", "is the file of this configuration")]
    [InlineData("rules.json", "is the file of rulesFile")]
    [InlineData("state.bin", "is the file of state")]
    [InlineData("", "is a folder")]
    public void A_store_has_a_file_of_its_own(string store, string expected)
    {
        using TemporaryFolder folder = new();
        string In(string name) => Path.Combine(folder.Path, name);
        string file = folder.Write(
            "meliproxy.json",
            $$"""
            { "upstream": "http://127.0.0.1:1", "rulesFile": "{{In("rules.json")}}", "state": "{{In("state.bin")}}", "usage": { "store": "{{In(store)}}" } }
            """);

        ConfigurationResult result = ConfigurationLoader.Load(new ConfigurationSources { File = file });

        Assert.Contains(result.Errors, error => error.ToString().Contains("usage.store", StringComparison.Ordinal) && error.ToString().Contains(expected, StringComparison.Ordinal));
    }
}
