using MeliProxy.LoadBench.Processes;

namespace MeliProxy.LoadBench.Proxies;

/// <summary>What a proxy is to be configured for, whichever it is.</summary>
public sealed record ProxySetup
{
    /// <summary>Its own folder, for its files.</summary>
    public required string Folder { get; init; }

    public required int Http { get; init; }

    /// <summary>HTTP/1.1 and HTTP/2 over TLS.</summary>
    public required int Https { get; init; }

    public required int UpstreamPort { get; init; }

    public bool UpstreamIsTls { get; init; }

    /// <summary>Whether the first request uses up all limits for the rest of the scenario; otherwise none is ever reached.</summary>
    public bool RejectsAll { get; init; }

    /// <summary>Whether <c>X-Forwarded-For</c> says who the client is.</summary>
    public bool TrustsForwardedFor { get; init; }

    public required Certificate Certificate { get; init; }

    public string UpstreamUrl => $"{(UpstreamIsTls ? "https" : "http")}://127.0.0.1:{UpstreamPort}";

    public string FileIn(string name) => Path.Combine(Folder, name);
}
