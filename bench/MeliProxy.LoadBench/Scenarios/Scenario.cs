using MeliProxy.LoadBench.Load;
using MeliProxy.LoadBench.Proxies;

namespace MeliProxy.LoadBench.Scenarios;

/// <summary>One load, for all proxies that can have it.</summary>
/// <param name="Name">What it is called in values and options.</param>
/// <param name="Title">What it is called in the report.</param>
/// <param name="Load">The load.</param>
public sealed record Scenario(string Name, string Title, ILoad Load)
{
    /// <summary>The scenario whose values bear no name before them.</summary>
    public const string Main = "get";

    /// <summary>Whether it is about limits, so that proxies without any are left out.</summary>
    public bool IsAboutLimits { get; init; }

    /// <summary>Whether a quick run has all proxies in it, not only those with limits.</summary>
    public bool IsForAllInQuickRun { get; init; }

    /// <summary>Whether every answer is to be 429.</summary>
    public bool RejectsAll { get; init; }

    /// <summary>What this scenario configures in another way than others.</summary>
    public Func<Bench, ProxySetup, ProxySetup> Adapt { get; init; } = (_, setup) => setup;

    public string Prefix => Name == Main ? "" : $"{Name}.";

    /// <summary>All of them, in the order of the report.</summary>
    public static IReadOnlyList<Scenario> All(Bench bench) =>
    [
        new(Main, "GET, 300 bytes, 64 connections", new WrkLoad("/items")) { IsForAllInQuickRun = true },
        new("json", "GET, 10 KB of JSON, 64 connections", new WrkLoad("/json")) { IsForAllInQuickRun = true },
        new("post", "POST of 1 KB, 64 connections", new WrkLoad("/orders") { Script = "post.lua" }),
        new("large", "GET, 1 MB, 64 connections", new WrkLoad("/large")),
        new("reject", "Every request rejected with 429, 64 connections", new WrkLoad("/items"))
        {
            IsAboutLimits = true,
            RejectsAll = true,
            Adapt = (_, setup) => setup with { RejectsAll = true },
        },
        new("conns", "GET, 300 bytes, 1,000 connections", new WrkLoad("/items") { Connections = 1_000 }),
        new("keys", "GET, 300 bytes, 100,000 clients on 64 connections", new WrkLoad("/items") { Script = "keys.lua" })
        {
            IsAboutLimits = true,
            Adapt = (_, setup) => setup with { TrustsForwardedFor = true },
        },
        new("tls-in", "GET, 300 bytes, HTTPS from the client, 64 connections", new WrkLoad("/items") { IsTls = true }),
        new("tls-up", "GET, 300 bytes, HTTPS to the upstream, 64 connections", new WrkLoad("/items"))
        {
            Adapt = (bench, setup) => setup with { UpstreamIsTls = true, UpstreamPort = bench.Upstream.Https },
        },
        new("h2-in", $"GET, 300 bytes, HTTP/2 over TLS, {Http2Load.Connections} connections with {Http2Load.Streams} requests each",
            new Http2Load("/items", bench.Folder)),
        new("rate", "GET, 300 bytes, at a fixed rate", new FixedRateLoad("/items", bench.IsQuick ? 1 : 3)),
    ];

    public bool Includes(ProxyKind kind, bool isQuick) => kind.HasLimits || !(IsAboutLimits || (isQuick && !IsForAllInQuickRun));
}
