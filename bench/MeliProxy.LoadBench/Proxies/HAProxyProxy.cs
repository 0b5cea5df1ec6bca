using System.Globalization;
using MeliProxy.LoadBench.Processes;

namespace MeliProxy.LoadBench.Proxies;

/// <summary>HAProxy with a stick table for each of the three rules.</summary>
public sealed record HAProxyProxy() : ProxyKind("haproxy", "HAProxy", HasLimits: true)
{
    public override IEnumerable<string> Files => [Find("haproxy")];

    public override async Task<string[]> ConfigureAsync(ProxySetup setup)
    {
        (string period, int limit) = setup.RejectsAll ? ("1d", 1) : ("1s", 1_000_000);
        string setSource = setup.TrustsForwardedFor ? "http-request set-src hdr(x-forwarded-for)" : "";
        string upstreamTls = setup.UpstreamIsTls
            ? $"ssl verify required ca-file {setup.Certificate.Chain} verifyhost {Certificate.Name} sni str({Certificate.Name})"
            : "";

        // Its own HTTP client is not used here, and would load the system's authorities at the start.
        await File.WriteAllTextAsync(setup.FileIn("haproxy.cfg"), string.Create(CultureInfo.InvariantCulture, $$"""
            global
              maxconn 4000
              nbthread 1
              ssl-default-bind-options ssl-min-ver TLSv1.3
              httpclient.ssl.verify none
            defaults
              mode http
              timeout connect 5s
              timeout client 1h
              timeout server 100s
              timeout http-keep-alive 1h
            backend by_ip
              stick-table type ip size 1m expire {{period}} store http_req_rate({{period}})
            backend by_path
              stick-table type string len 128 size 1m expire {{period}} store http_req_rate({{period}})
            backend by_both
              stick-table type binary len 20 size 1m expire {{period}} store http_req_rate({{period}})
            frontend in
              bind 127.0.0.1:{{setup.Http}}
              bind 127.0.0.1:{{setup.Https}} ssl crt {{setup.Certificate.Both}} alpn h2,http/1.1
              {{setSource}}
              http-request track-sc0 src table by_ip
              http-request track-sc1 path table by_path
              http-request track-sc2 base32+src table by_both
              http-request deny deny_status 429 if { sc_http_req_rate(0) gt {{limit}} }
              http-request deny deny_status 429 if { sc_http_req_rate(1) gt {{limit}} }
              http-request deny deny_status 429 if { sc_http_req_rate(2) gt {{limit}} }
              http-request set-header X-Forwarded-For %[src]
              http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
              http-request set-header X-Forwarded-Host %[req.hdr(host)]
              default_backend up
            backend up
              http-reuse always
              server up 127.0.0.1:{{setup.UpstreamPort}} {{upstreamTls}}

            """));
        return ["haproxy", "-db", "-f", setup.FileIn("haproxy.cfg")];
    }
}
