using MeliProxy.SharingBench.Processes;

namespace MeliProxy.LoadBench.Proxies;

/// <summary>The sidecar as it is published, with its admin listener, usage store and all else that it has by default.</summary>
public sealed record SidecarProxy(string Program) : ProxyKind(SidecarName, "**MeliProxy**", HasLimits: true)
{
    public const string SidecarName = "meliproxy";

    // The schema is for editors.
    public override IEnumerable<string> Files =>
        Directory.GetFiles(Path.GetDirectoryName(Program)!).Where(file => !file.EndsWith(".schema.json", StringComparison.Ordinal));

    public override async Task<string[]> ConfigureAsync(ProxySetup setup)
    {
        string file = setup.FileIn("meliproxy.json");
        string limit = setup.RejectsAll ? "\"limit\": 1, \"window\": \"1d\"" : "\"limit\": 1000000, \"window\": \"1s\"";
        await File.WriteAllTextAsync(file, $$"""
            {
              "listen": ["http://127.0.0.1:{{setup.Http}}", "https://127.0.0.1:{{setup.Https}}"],
              "tls": { "certificate": "{{setup.Certificate.Chain}}", "key": "{{setup.Certificate.Key}}" },
              "admin": { "listen": "http://127.0.0.1:{{Servers.FreePort()}}" },
              "upstream": "{{setup.UpstreamUrl}}",
              "forwarding": { "certificateAuthority": {{(setup.UpstreamIsTls ? $"\"{setup.Certificate.Chain}\"" : "null")}} },
              "clientIp": { "trustedProxies": [{{(setup.TrustsForwardedFor ? "\"127.0.0.1\"" : "")}}] },
              "rules": [
                { "name": "per-ip", "key": ["client-ip"], {{limit}} },
                { "name": "per-path", "key": ["path"], {{limit}} },
                { "name": "ip-path", "key": ["client-ip", "path"], {{limit}} }
              ]
            }
            """);
        return [Program, "--config", file];
    }
}
