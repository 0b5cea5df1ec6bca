namespace MeliProxy.LoadBench.Proxies;

/// <summary>Caddy as Debian builds it, which has no limits.</summary>
public sealed record CaddyProxy() : ProxyKind("caddy", "Caddy", HasLimits: false)
{
    // It keeps its last configuration and a lock.
    public override IReadOnlyList<string> EnvironmentFor(ProxySetup setup) =>
        ["GOMAXPROCS=1", $"XDG_CONFIG_HOME={setup.Folder}", $"XDG_DATA_HOME={setup.Folder}"];

    public override IEnumerable<string> Files => [Find("caddy")];

    public override async Task<string[]> ConfigureAsync(ProxySetup setup)
    {
        string upstreamTls = setup.UpstreamIsTls ? $"tls_trusted_ca_certs {setup.Certificate.Chain}" : "";
        await File.WriteAllTextAsync(setup.FileIn("Caddyfile"), $$"""
            {
              admin off
              auto_https off
              servers {
                protocols h1 h2
              }
            }
            (forwarding) {
              bind 127.0.0.1
              reverse_proxy {{setup.UpstreamUrl}} {
                transport http {
                  keepalive_idle_conns 4096
                  keepalive_idle_conns_per_host 4096
                  {{upstreamTls}}
                }
              }
            }
            http://:{{setup.Http}} {
              import forwarding
            }
            https://:{{setup.Https}} {
              tls {{setup.Certificate.Chain}} {{setup.Certificate.Key}}
              import forwarding
            }
            """);
        return ["caddy", "run", "--config", setup.FileIn("Caddyfile"), "--adapter", "caddyfile"];
    }
}
