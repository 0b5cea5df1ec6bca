namespace MeliProxy.LoadBench.Processes;

/// <summary>What the configuration of nginx has as a proxy and as the upstream.</summary>
public static class Nginx
{
    /// <summary>One worker. The user matters only to root, whose folders no other user may read.</summary>
    public const string Process = """
        user root;
        worker_processes 1;
        daemon off;
        pid nginx.pid;
        error_log stderr error;
        events { worker_connections 8192; }
        """;

    /// <summary>No connection ends for having been used often or for long.</summary>
    public const string Connections = """
        access_log off;
        keepalive_requests 1000000000;
        keepalive_time 1000h;
        keepalive_timeout 1h;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
        """;

    public static string Tls(Certificate certificate) =>
        $"ssl_certificate {certificate.Chain}; ssl_certificate_key {certificate.Key}; ssl_protocols TLSv1.3;";

    public static string[] Command(string folder) => ["nginx", "-e", "stderr", "-p", folder, "-c", Path.Combine(folder, "nginx.conf")];
}
