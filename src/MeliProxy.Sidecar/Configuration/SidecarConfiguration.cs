using MeliProxy.RateLimiting.Rules;

namespace MeliProxy.Sidecar.Configuration;

/// <summary>A complete and checked configuration.</summary>
internal sealed partial record SidecarConfiguration
{
    /// <summary>Where clients connect; at least one.</summary>
    public required IReadOnlyList<ListenAddress> Listen { get; init; }

    /// <summary>The certificate of the listeners with https; there is one if any listener has https.</summary>
    public required TlsConfiguration? Tls { get; init; }

    public required AdminConfiguration Admin { get; init; }

    /// <summary>Where requests are forwarded to; none if <see cref="ReverseProxy"/> says it.</summary>
    public required IReadOnlyList<Uri> Upstream { get; init; }

    /// <summary>
    /// YARP's own section as configuration keys relative to it, such as <c>Clusters:api:Destinations:a:Address</c>.
    /// <see langword="null"/>: <see cref="Upstream"/> says where to.
    /// </summary>
    public required IReadOnlyDictionary<string, string?>? ReverseProxy { get; init; }

    /// <summary>How requests are forwarded to <see cref="Upstream"/>.</summary>
    public required ForwardingConfiguration Forwarding { get; init; }

    public required ClientIpConfiguration ClientIp { get; init; }

    public required IReadOnlyList<RateLimitRule> Rules { get; init; }

    /// <summary>Other limits for single keys of <see cref="Rules"/>.</summary>
    public required IReadOnlyList<RuleOverride> Overrides { get; init; }

    /// <summary><see cref="RuleMode.Shadow"/> puts all rules in shadow mode.</summary>
    public required RuleMode Mode { get; init; }

    /// <summary>The rules, overrides and mode as one set.</summary>
    public RuleSet RuleSet => new(Rules, Overrides, Mode);

    /// <summary>The file that keeps rules which commands have changed; <see langword="null"/>: there is none.</summary>
    public required string? RulesFile { get; init; }

    public required LimitsConfiguration Limits { get; init; }

    public required SharingConfiguration Sharing { get; init; }

    /// <summary>The file that keeps the counts of local rules through a restart; <see langword="null"/>: there is none.</summary>
    public required string? State { get; init; }

    public required UsageConfiguration Usage { get; init; }

    public required TelemetryConfiguration Telemetry { get; init; }

    public required LoggingConfiguration Logging { get; init; }
}
