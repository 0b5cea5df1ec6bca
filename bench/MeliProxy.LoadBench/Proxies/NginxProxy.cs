using System.Globalization;
using MeliProxy.LoadBench.Processes;

namespace MeliProxy.LoadBench.Proxies;

/// <summary>nginx with a <c>limit_req</c> zone for each of the three rules.</summary>
public sealed record NginxProxy() : ProxyKind("nginx", "nginx", HasLimits: true)
{
    public override IEnumerable<string> Files => [Find("nginx")];

    public override async Task<string[]> ConfigureAsync(ProxySetup setup)
    {
        string rate = setup.RejectsAll ? "1r/m" : "1000000r/s";
        string burst = setup.RejectsAll ? "" : " burst=1000000 nodelay";
        string realIp = setup.TrustsForwardedFor ? "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;" : "";
        string upstreamTls = setup.UpstreamIsTls
            ? $"""
                proxy_ssl_verify on; proxy_ssl_trusted_certificate {setup.Certificate.Chain};
                      proxy_ssl_name {Certificate.Name}; proxy_ssl_protocols TLSv1.3;
                """
            : "";

        // What others do not do is off: to write answers to disk that the client is slow to take, and rejections to the log.
        await File.WriteAllTextAsync(setup.FileIn("nginx.conf"), string.Create(CultureInfo.InvariantCulture, $$"""
            {{Nginx.Process}}
            http {
              {{Nginx.Connections}}
              {{realIp}}
              limit_req_zone $binary_remote_addr zone=ip:64m rate={{rate}};
              limit_req_zone $uri zone=path:64m rate={{rate}};
              limit_req_zone $binary_remote_addr$uri zone=both:64m rate={{rate}};
              limit_req_status 429;
              limit_req_log_level info;
              upstream up {
                server 127.0.0.1:{{setup.UpstreamPort}};
                keepalive 4096;
                keepalive_requests 1000000000;
                keepalive_time 1000h;
                keepalive_timeout 1h;
              }
              server {
                listen 127.0.0.1:{{setup.Http}} backlog=4096;
                listen 127.0.0.1:{{setup.Https}} ssl http2 backlog=4096;
                {{Nginx.Tls(setup.Certificate)}}
                location / {
                  limit_req zone=ip{{burst}};
                  limit_req zone=path{{burst}};
                  limit_req zone=both{{burst}};
                  proxy_pass {{(setup.UpstreamIsTls ? "https" : "http")}}://up;
                  proxy_http_version 1.1;
                  proxy_set_header Connection "";
                  proxy_set_header X-Forwarded-For $remote_addr;
                  proxy_set_header X-Forwarded-Proto $scheme;
                  proxy_set_header X-Forwarded-Host $http_host;
                  proxy_max_temp_file_size 0;
                  {{upstreamTls}}
                }
              }
            }
            """));
        return Nginx.Command(setup.Folder);
    }
}
