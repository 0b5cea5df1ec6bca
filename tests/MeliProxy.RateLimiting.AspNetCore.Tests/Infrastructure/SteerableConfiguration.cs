using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace MeliProxy.RateLimiting.AspNetCore.Tests.Infrastructure;

/// <summary>Configuration from JSON that a test can change, as a file that is reloaded does.</summary>
internal sealed class SteerableConfiguration : JsonConfigurationProvider, IConfigurationSource
{
    private string _json;

    public SteerableConfiguration(string json)
        : base(new JsonConfigurationSource()) => _json = json;

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    public override void Load() => Load(new MemoryStream(Encoding.UTF8.GetBytes(_json)));

    public void Change(string json)
    {
        _json = json;
        Load();
        OnReload();
    }
}
