using System.Globalization;
using MeliProxy.SharingBench.Processes;

namespace MeliProxy.LoadBench.Processes;

/// <summary>What is behind the proxies: an nginx that answers from memory, on the load's core.</summary>
/// <param name="Process">Its process.</param>
/// <param name="Http">Its port.</param>
/// <param name="Https">Its port for TLS.</param>
public sealed record UpstreamServer(ServerProcess Process, int Http, int Https) : IDisposable
{
    private const int ItemSize = 300;
    private const int JsonSize = 10 * 1024;
    private const int LargeSize = 1024 * 1024;

    public static async Task<UpstreamServer> StartAsync(string folder, Certificate certificate)
    {
        string files = Path.Combine(folder, "files");
        Directory.CreateDirectory(files);
        await File.WriteAllTextAsync(Path.Combine(files, "json"), Json(JsonSize));
        await File.WriteAllTextAsync(Path.Combine(files, "large"), new string('m', LargeSize));
        int http = Servers.FreePort();
        int https = Servers.FreePort();
        await File.WriteAllTextAsync(Path.Combine(folder, "nginx.conf"), string.Create(CultureInfo.InvariantCulture, $$"""
            {{Nginx.Process}}
            http {
              {{Nginx.Connections}}
              open_file_cache max=10 inactive=1000h;
              open_file_cache_valid 1000h;
              sendfile on;
              tcp_nopush on;
              server {
                listen 127.0.0.1:{{http}} backlog=4096;
                listen 127.0.0.1:{{https}} ssl backlog=4096;
                {{Nginx.Tls(certificate)}}
                ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
                default_type application/json;
                location / { return 200 "{{new string('m', ItemSize)}}"; }
                location = /json { root {{files}}; }
                location = /large { root {{files}}; }
              }
            }
            """));
        ServerProcess process = ServerProcess.Start(Cores.Load, folder, [], Nginx.Command(folder));
        await Probe.WaitAsync(process, http);
        process.TellOfChildren();
        return new UpstreamServer(process, http, https);
    }

    public void Dispose() => Process.Dispose();

    private static string Json(int size)
    {
        const string item = """{"id":"MLA97994","name":"Item","price":1234.5}""";
        IEnumerable<string> items = Enumerable.Repeat(item, (size - 1) / (item.Length + 1));
        return $"[{string.Join(',', items)}]".PadRight(size);
    }
}
